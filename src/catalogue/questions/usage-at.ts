import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { decodeState } from '../state-codec.ts';
import { EVENT_KINDS, NO_DIRECTORY, type NodeId, type Place } from '../types.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import { nameOfBlob } from './fold.ts';
import type { EventId } from './past-places.ts';
import { type Folder, type FolderSums, type SummedTree, TreeNow } from './usage.ts';

/** What of a node counts in sums, with its place. */
interface Weighed extends Place {
  readonly isDirectory: boolean;
  readonly size: number;
}

/** What a changed node was at the time and is now; undefined where it was or is not there. */
interface Change {
  was: Weighed | undefined;
  now: Weighed | undefined;
}

const CREATED = EVENT_KINDS.indexOf('created');
const BATCH = 500;

/** The last event up to a time in nanoseconds since 1970; 0 when there was none yet. Events are numbered as they were noticed, also where a clock was set back. */
export function lastEventAt(database: DatabaseSync, time: bigint): EventId {
  const row = database.prepare('SELECT id FROM event INDEXED BY event_time WHERE time <= ? ORDER BY time DESC, id DESC LIMIT 1').get(time);
  return (row?.id ?? 0) as EventId;
}

/**
 * Folders as they were just after an event: their sums now, less what the events since have changed. An event holds the state and place before it, so the first one of a node behind
 * that moment tells what it was then. Sums of folders differ from now only on the way from a changed node up to its roots, then and now; all others are as they are.
 *
 * Exact for size and counts, whatever was moved, deleted or made again. Takes memory for each node that has changed since: some hundred megabytes for 200 000 (docs/search.md).
 */
export class TreeThen implements SummedTree {
  readonly #now: TreeNow;
  readonly #changes: Map<NodeId, Change>;
  /** Changed folders by the folder that they were in, and are in. */
  readonly #foldersThen = new Map<NodeId, Folder[]>();
  readonly #foldersNow = new Map<NodeId, NodeId[]>();
  /** Folders that have not changed themselves, by the one they are in, with something changed below. */
  readonly #onTheWay = new Map<NodeId, NodeId[]>();
  /** What files in a folder itself weighed more then than now. */
  readonly #files = new Map<NodeId, FolderSums>();
  readonly #sums = new Map<NodeId, FolderSums>();

  constructor(database: DatabaseSync, after: EventId) {
    this.#now = new TreeNow(database);
    this.#changes = changesSince(database, after);
    for (const [node, { was, now }] of this.#changes) {
      if (was?.isDirectory) add(this.#foldersThen, was.parent, { node, name: was.name });
      else if (was !== undefined) this.#weigh(was, 1);
      if (now?.isDirectory) add(this.#foldersNow, now.parent, node);
      else if (now !== undefined) this.#weigh(now, -1);
    }
    this.#climb(database);
  }

  sumsOf(folder: NodeId): FolderSums {
    // From the deepest folder up, without recursion: trees may be deeper than the stack.
    const waiting = [folder];
    for (let at = waiting.at(-1); at !== undefined; at = waiting.at(-1)) {
      const missing = this.#parts(at).filter((part) => !this.#sums.has(part));
      if (missing.length === 0) {
        this.#sums.set(at, this.#add(at));
        waiting.pop();
      } else for (const part of missing) waiting.push(part);
    }
    return this.#sums.get(folder) as FolderSums;
  }

  foldersIn(folder: NodeId): Folder[] {
    const unchanged = this.#now.foldersIn(folder).filter(({ node }) => !this.#changes.has(node));
    return [...unchanged, ...(this.#foldersThen.get(folder) ?? [])];
  }

  childOf(folder: NodeId, name: ByteName): NodeId | undefined {
    const changed = this.#foldersThen.get(folder)?.find((each) => each.name === name);
    if (changed !== undefined) return changed.node;
    const now = this.#now.childOf(folder, name);
    return now === undefined || this.#changes.has(now) ? undefined : now;
  }

  #parts(folder: NodeId): NodeId[] {
    return [...(this.#foldersThen.get(folder) ?? []).map(({ node }) => node), ...(this.#onTheWay.get(folder) ?? [])];
  }

  #add(folder: NodeId): FolderSums {
    let sums = plus(this.#now.sumsOf(folder), this.#files.get(folder) ?? NOTHING);
    for (const { node } of this.#foldersThen.get(folder) ?? []) sums = plus(sums, this.#asPart(this.#sums.get(node)));
    for (const node of this.#foldersNow.get(folder) ?? []) sums = plus(sums, this.#asPart(this.#now.sumsOf(node)), -1);
    for (const node of this.#onTheWay.get(folder) ?? [])
      sums = plus(plus(sums, this.#sums.get(node) ?? NOTHING), this.#now.sumsOf(node), -1);
    return sums;
  }

  /** What a folder adds to the one that it is in. */
  #asPart(sums: FolderSums = NOTHING): FolderSums {
    return { ...sums, directories: sums.directories + 1 };
  }

  #weigh({ parent, size }: Weighed, times: 1 | -1): void {
    this.#files.set(parent, plus(this.#files.get(parent) ?? NOTHING, { ...NOTHING, size, files: 1 }, times));
  }

  /** Notes the ways from all changes upward; the way of a changed folder goes on from where it was and from where it is, which are changes too. */
  #climb(database: DatabaseSync): void {
    const parentOf = database.prepare('SELECT parent FROM node WHERE id = ?');
    const seen = new Set<NodeId>();
    for (const start of [...this.#files.keys(), ...this.#foldersThen.keys(), ...this.#foldersNow.keys()]) {
      for (let at = start; at > NO_DIRECTORY && !seen.has(at) && !this.#changes.has(at); ) {
        seen.add(at);
        const parent = parentOf.get(at)?.parent as NodeId | undefined;
        if (parent === undefined) break;
        add(this.#onTheWay, parent, at);
        at = parent;
      }
    }
  }
}

const NOTHING: FolderSums = { size: 0, files: 0, directories: 0, disk: undefined };

function plus(a: FolderSums, b: FolderSums, times: 1 | -1 = 1): FolderSums {
  return {
    size: a.size + times * b.size,
    files: a.files + times * b.files,
    directories: a.directories + times * b.directories,
    disk: undefined,
  };
}

function add<T>(lists: Map<NodeId, T[]>, key: NodeId, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Every node that an event behind `after` is about. */
function changesSince(database: DatabaseSync, after: EventId): Map<NodeId, Change> {
  const states = new Map<NodeId, { state: Omit<Weighed, keyof Place> | undefined; place: Place | undefined }>();
  const events = database.prepare('SELECT node, kind, fromParent, fromName, before FROM event WHERE id > ? ORDER BY id');
  for (const { node, kind, fromParent, fromName, before } of events.iterate(after)) {
    const known = states.get(node as NodeId);
    const place = fromParent === null ? undefined : { parent: fromParent as NodeId, name: nameOfBlob(fromName) };
    if (known === undefined) states.set(node as NodeId, { state: kind === CREATED ? undefined : weigh(before as Uint8Array), place });
    else known.place ??= place;
  }
  const rows = nodesNow(database, [...states.keys()]);
  const changes = new Map<NodeId, Change>();
  for (const [node, { state, place }] of states) {
    const now = rows.get(node);
    const left = place ?? now;
    changes.set(node, {
      now,
      was: state === undefined || left === undefined ? undefined : { ...state, parent: left.parent, name: left.name },
    });
  }
  return changes;
}

function weigh(before: Uint8Array): Omit<Weighed, keyof Place> {
  const { kind, size } = decodeState(before);
  return { isDirectory: kind === 'directory', size: kind === 'file' ? size : 0 };
}

function nodesNow(database: DatabaseSync, nodes: readonly NodeId[]): Map<NodeId, Weighed> {
  const rows = database.prepare(
    'SELECT node.id, node.parent, node.name, node.kind, node.size FROM json_each(?) AS wanted CROSS JOIN node ON node.id = wanted.value',
  );
  const found = new Map<NodeId, Weighed>();
  for (let at = 0; at < nodes.length; at += BATCH) {
    for (const { id, parent, name, kind, size } of rows.iterate(JSON.stringify(nodes.slice(at, at + BATCH)))) {
      const isDirectory = kind === DIRECTORY_TYPE;
      const weighed = { parent: parent as NodeId, name: nameOfBlob(name), isDirectory, size: kind === FILE_TYPE ? (size as number) : 0 };
      found.set(id as NodeId, weighed);
    }
  }
  return found;
}
