import { SystemError } from '../../base/errors.ts';
import { keptIf } from '../../base/kept-if.ts';
import type { ByteName } from '../../base/names.ts';
import { monotonicMs, wallNs } from '../../sys/clock.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import type { DirectoryKey, WatchEvent, Watcher } from '../../sys/watch/types.ts';
import type { FreshLooks } from '../scan/fresh-looks.ts';
import { type Cause, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../types.ts';
import type { FailureRows } from '../write/failures.ts';
import type { Writer } from '../write/writer.ts';
import type { DirectoryKeys, KeyMeaning } from './directory-keys.ts';
import { EarlyEvents } from './early-events.ts';
import type { ForeignKeys } from './foreign-keys.ts';
import type { LiveDirectories } from './live-directories.ts';
import type { Looker } from './looker.ts';
import { stateOfStat } from './states.ts';
import { UnknownDirectories } from './unknown-directories.ts';

export interface EventLooksParts {
  readonly writer: Writer;
  readonly looker: Looker;
  readonly live: LiveDirectories;
  readonly keys: DirectoryKeys;
  readonly foreign: ForeignKeys;
  readonly watcher: Watcher;
  readonly failures: FailureRows;
  /** Present while scans are under way. */
  readonly looks: FreshLooks;
  /** The row of a process, by its number. */
  readonly processOf: (pid: number) => number | undefined;
  /** Whether a directory is in a root that is not in its place. */
  readonly isHidden: (directory: NodeId) => boolean;
  /** Directories that could not be listed, and so not be marked. */
  readonly unseen: () => Iterable<NodeId>;
  /** Whether listings may come that were made before now. */
  readonly isScanning: () => boolean;
}

/** A name to be looked at. */
interface Name {
  readonly name: ByteName;
  readonly pid: number;
}

/** Names to be looked at in one directory. */
interface Group {
  readonly key: DirectoryKey | undefined;
  readonly names: Map<ByteName, Name>;
}

/** What a look has shown; `state` is undefined where there is nothing. */
interface Seen {
  /** The directory that was looked at, when that was not done from above. */
  readonly itself?: NodeId;
  readonly place: Place;
  readonly state: NodeState | undefined;
  readonly pid: number;
}

const SELF = '.' as ByteName;

/** Fewer events than this of directories that no scan has brought yet are kept. */
const MOST_PARKED = 100_000;

/**
 * Looks where events say. All names of a batch are stat'ed first; then what is there is compared, and what is not there comes last: so a file that has
 * moved is met at its new place before its old one is found to be empty, in whatever order the kernel told of them.
 */
export class EventLooks {
  readonly #parts: EventLooksParts;
  readonly #stat = new Stat();
  #parked: WatchEvent[] = [];
  readonly #unreached = new Set<NodeId>();
  readonly #early = new EarlyEvents();
  readonly #unknown: UnknownDirectories;

  constructor(parts: EventLooksParts) {
    this.#parts = parts;
    this.#unknown = new UnknownDirectories(parts.keys, parts.looks);
  }

  /** Within a transaction. */
  apply(events: readonly WatchEvent[], now: bigint): void {
    const seen: Seen[] = [];
    this.#lookAll(this.#group(events, now), seen, 0);
    const { looker } = this.#parts;
    const causes = new Map<number, Cause>();
    const cause = (pid: number): Cause => {
      const known = causes.get(pid) ?? this.#causeOf(pid, now);
      causes.set(pid, known);
      return known;
    };
    const present = ({ itself, place, state, pid }: Seen) => {
      if (itself === undefined) looker.present(place, state as NodeState, cause(pid));
      else looker.itself(itself, state as NodeState, cause(pid));
    };
    // Directories first: whoever looks whether a file is still at its old place then finds the way there.
    for (const each of seen) if (each.state?.kind === 'directory') present(each);
    for (const each of seen) if (each.state !== undefined && each.state.kind !== 'directory') present(each);
    for (const { place, state, pid } of seen) if (state === undefined) looker.absent(place, cause(pid));
    looker.settleLinks({ origin: 'live', time: now });
  }

  /** Everything is listed: what was found may have been told of before. */
  tellEarly(): void {
    const { writer, keys, processOf } = this.#parts;
    if (!this.#early.isEmpty) writer.transact(() => this.#early.tell(writer, keys, processOf));
  }

  #causeOf(pid: number, time: bigint): Cause {
    const process = pid === 0 ? undefined : this.#parts.processOf(pid);
    return { origin: 'live', time, ...(process !== undefined && { process }) };
  }

  /** Whether something has become of the top of a root itself. */
  nameTop(events: readonly WatchEvent[]): boolean {
    const { keys, writer } = this.#parts;
    return events.some(({ directory, name }) => {
      if (name !== SELF) return false;
      const id = keys.directoryOf(directory);
      return id !== undefined && writer.rows.get(id)?.parent === NO_DIRECTORY;
    });
  }

  /** Events of directories that were not known when they came; they are not kept any longer. Undefined when there were too many to be kept. */
  takeParked(): WatchEvent[] | undefined {
    const parked = this.#parked;
    this.#parked = [];
    return parked.length < MOST_PARKED ? parked : undefined;
  }

  /** Directories that events have named and that were not where they should be, as far as they are still known: they have to be listed. */
  takeUnreached(): NodeId[] {
    const unreached = [...this.#unreached].filter((id) => this.#parts.writer.rows.get(id)?.kind === 'directory');
    this.#unreached.clear();
    return unreached;
  }

  /**
   * To be called when everything is listed and the looks are not forgotten yet: directories that events have named in vain, since nobody knew them, and that are known by now by listings from before those events. Undefined when there were too many to be remembered.
   */
  takeOutdated(): NodeId[] | undefined {
    return this.#unknown.take();
  }

  #group(events: readonly WatchEvent[], now: bigint): Map<NodeId, Group> {
    const groups = new Map<NodeId, Group>();
    const meanings = new Map<DirectoryKey, KeyMeaning>();
    const add = (event: WatchEvent) => {
      const meaning = meanings.get(event.directory) ?? this.#parts.keys.of(event.directory);
      meanings.set(event.directory, meaning);
      this.#add(groups, event, meaning, now);
    };
    for (const { directory, name, to, pid, isOpen } of events) {
      if (to !== undefined) add({ directory: to.directory, name: to.name, pid, isOpen });
      add({ directory, name, pid, isOpen });
    }
    // Where a directory tells by its own key of what becomes of itself, nobody knows the key of one that could not be opened.
    const mayBeUnseen = events.some(({ directory, name }) => name === SELF && meanings.get(directory) === 'later');
    if (mayBeUnseen) for (const id of this.#parts.unseen()) this.#addOwn(groups, id, 0);
    return groups;
  }

  #add(groups: Map<NodeId, Group>, event: WatchEvent, meaning: KeyMeaning, now: bigint): void {
    const { directory: key, name, pid } = event;
    if (meaning === 'nothing') {
      this.#parts.foreign.note(key);
      this.#noteUnknown(key);
    } else if (meaning === 'later') this.#park(event);
    else if ('unknown' in meaning) {
      this.#early.add(key, name, pid, now);
      this.#noteUnknown(key);
      addName(groups, meaning.unknown.parent, undefined, meaning.unknown.name, pid);
    } else if (!this.#parts.isHidden(meaning.directory)) addName(groups, meaning.directory, key, name, pid);
  }

  #park(event: WatchEvent): void {
    if (this.#parked.length < MOST_PARKED) this.#parked.push(event);
  }

  #noteUnknown(key: DirectoryKey): void {
    if (this.#parts.isScanning()) this.#unknown.note(key, monotonicMs());
  }

  /** A directory itself is looked at from above. */
  #addOwn(groups: Map<NodeId, Group>, directory: NodeId, pid: number): void {
    const node = this.#parts.writer.rows.get(directory);
    if (node !== undefined && node.parent > NO_DIRECTORY) addName(groups, node.parent, undefined, node.name, pid);
  }

  /** A directory that is not where it was is looked at from above, once a level. */
  #lookAll(groups: Map<NodeId, Group>, seen: Seen[], level: number): void {
    const above = new Map<NodeId, Group>();
    for (const [id, { key, names }] of groups) {
      this.#parts.writer.touch(id);
      using directory = this.#open(id, key);
      if (directory === undefined) {
        this.#unreached.add(id);
        if (level < MOST_LEVELS) this.#addOwn(above, id, 0);
        continue;
      }
      for (const { name, pid } of names.values()) if (name !== SELF) this.#look(directory, { parent: id, name }, pid, seen);
      // Its times follow what is in it.
      this.#lookAtItself(directory, id, names.get(SELF)?.pid ?? 0, seen);
    }
    if (above.size > 0) this.#lookAll(above, seen, level + 1);
  }

  #open(id: NodeId, key: DirectoryKey | undefined): Directory | undefined {
    try {
      return (key === undefined ? undefined : this.#openByKey(id, key)) ?? this.#parts.live.open(id);
    } catch (error) {
      if (error instanceof SystemError) return undefined;
      throw error;
    }
  }

  /** Wherever it is now. The top of a root may have become another directory, and then the key is of one that is of no concern. */
  #openByKey(id: NodeId, key: DirectoryKey): Directory | undefined {
    const { live, keys, watcher } = this.#parts;
    const opened = watcher.open(key);
    const directory = opened && keptIf(opened, () => live.is(id, opened));
    if (opened !== undefined && directory === undefined) keys.delete(key);
    return directory;
  }

  /** A directory that is open is looked at where it is, wherever that may be. */
  #lookAtItself(directory: Directory, id: NodeId, pid: number, seen: Seen[]): void {
    const { writer, looks } = this.#parts;
    const node = writer.rows.get(id);
    if (node === undefined) return;
    looks.noteItself(node, monotonicMs());
    const state = directory.stat(SELF, this.#stat) ? stateOfStat(this.#stat) : undefined;
    if (state !== undefined) seen.push({ itself: id, place: node, state, pid });
  }

  #look(directory: Directory, place: Place, pid: number, seen: Seen[]): void {
    const { looks, failures } = this.#parts;
    looks.note(place.parent, place.name, monotonicMs());
    try {
      const state = directory.stat(place.name, this.#stat) ? stateOfStat(this.#stat) : undefined;
      seen.push({ place, state, pid });
      failures.looked(place.parent, place.name, state !== undefined);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      failures.note(place.parent, place.name, { code: error.errno, call: error.syscall }, wallNs());
      // A listing that fails in the same way is what is remembered, and made again when it may succeed.
      this.#unreached.add(place.parent);
    }
  }
}

/** Above so many levels that are all not where they were, a scan finds more than another look would. */
const MOST_LEVELS = 8;

function addName(groups: Map<NodeId, Group>, directory: NodeId, key: DirectoryKey | undefined, name: ByteName, pid: number): void {
  const group = groups.get(directory) ?? { key, names: new Map() };
  groups.set(directory, group);
  // Who it was is not said by every event.
  group.names.set(name, { name, pid: pid === 0 ? (group.names.get(name)?.pid ?? 0) : pid });
}
