import { hasErrno, VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import { type EntryBody, encodeEntry } from '../entry-encoder.ts';
import type { Entry, SaveOptions } from '../types.ts';
import { type Agenda, agendaOf, emptyAgenda, namesOf } from './agenda.ts';
import type { Assembly } from './assembly.ts';
import type { FileJob } from './batcher.ts';
import { CACHE_TAG_NAME, type Exclusion, isCache, ruleFilesIn } from './exclusion.ts';
import type { FileCache } from './file-cache.ts';
import { VanishedError } from './file-reader.ts';
import { observedTimes } from './file-saver.ts';
import type { HardLinks } from './hard-links.ts';
import type { KnownDirectory } from './known-directory.ts';
import type { Owners } from './owners.ts';
import { PendingDirectory } from './pending-directory.ts';
import { isRacy } from './racy.ts';
import { SharedHandle } from './shared-handle.ts';
import type { Tally } from './tally.ts';
import { readXattrs } from './xattrs.ts';

/** Directories on the way down that are kept open; those above are come back to through `..`. */
const OPEN_LEVELS = 128;
/** What changes while it is looked at is looked at again so many times. */
const ATTEMPTS = 3;
/** Entries of one directory that are looked at before the walk asks again whether others keep up. */
const ENTRIES_AT_ONCE = 512;
const SELF = '.' as ByteName;

/** A directory on the way from the root to where the walk is. */
interface Frame {
  readonly pending: PendingDirectory;
  handle: SharedHandle | undefined;
  readonly subdirectories: readonly ByteName[];
  next: number;
  readonly exclusion: Exclusion;
  readonly known: KnownDirectory | undefined;
  readonly before: ReadonlyMap<ByteName, Entry>;
}

/** A directory whose items are being looked at. */
interface Visit {
  readonly pending: PendingDirectory;
  readonly handle: SharedHandle;
  readonly exclusion: Exclusion;
  readonly path: () => string;
  /** Of what is looked at, the entries in the earlier tree; none without one. */
  readonly before: ReadonlyMap<ByteName, Entry>;
  /** Those that are met. */
  readonly subdirectories: Set<ByteName>;
}

/**
 * Walks a tree depth first, in the order of names, files before subdirectories. What is known from the cache goes to the assembly at once; files that
 * have to be read go to `onFile`. Of what is `known` only those names are looked at that may differ.
 *
 * Everything is reached through open directories, so the walk cannot be led astray, and no depth is too deep.
 */
export class Walk {
  readonly #options: SaveOptions;
  readonly #assembly: Assembly;
  readonly #cache: FileCache | undefined;
  readonly #known: KnownDirectory | undefined;
  readonly #links: HardLinks;
  readonly #owners: Owners;
  readonly #tally: Tally;
  readonly #onFile: (job: FileJob, stat: Stat) => boolean;
  readonly #stat = new Stat();
  readonly #signature = Buffer.alloc(SIGNATURE_BYTES);
  #device = 0;
  /** Whether the last entry was a file that is work for a while. */
  #isLarge = false;

  constructor(parts: {
    readonly options: SaveOptions;
    readonly assembly: Assembly;
    readonly cache: FileCache | undefined;
    readonly known: KnownDirectory | undefined;
    readonly links: HardLinks;
    readonly owners: Owners;
    readonly tally: Tally;
    /** True when the walk should wait before it goes on. */
    readonly onFile: (job: FileJob, stat: Stat) => boolean;
  }) {
    this.#options = parts.options;
    this.#assembly = parts.assembly;
    this.#cache = parts.cache;
    this.#known = parts.known;
    this.#links = parts.links;
    this.#owners = parts.owners;
    this.#tally = parts.tally;
    this.#onFile = parts.onFile;
  }

  /**
   * Walks everything below `root`, which is closed at the end. `pause` is waited for between directories, and now and then in a large one. Throws when
   * the root itself cannot be listed: then nothing can be saved at all.
   */
  async run(root: Directory, exclusion: Exclusion, pause: () => Promise<void>): Promise<void> {
    const stack: Frame[] = [await this.#enterRoot(new SharedHandle(root), exclusion, pause)];
    try {
      for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
        const name = frame.subdirectories[frame.next++];
        if (name === undefined) {
          stack.pop();
          this.#leave(frame, stack.at(-1), stack[0]);
          continue;
        }
        const child = await this.#enterChild(frame, name, pause);
        if (child === undefined) continue;
        stack.push(child);
        // The root stays open: what is not found through `..` is looked for from there.
        const far = stack.length > OPEN_LEVELS + 1 ? stack[stack.length - 1 - OPEN_LEVELS] : undefined;
        if (far?.handle !== undefined) {
          far.handle.release();
          far.handle = undefined;
        }
        await pause();
      }
    } finally {
      for (const { handle } of stack) handle?.release();
    }
  }

  async #enterRoot(handle: SharedHandle, exclusion: Exclusion, pause: () => Promise<void>): Promise<Frame> {
    let pending: PendingDirectory;
    let agenda: Agenda;
    try {
      pending = this.#begin(handle.directory, undefined, '' as ByteName);
      agenda = this.#agenda(pending, handle.directory, this.#known);
    } catch (error) {
      handle.release();
      throw error;
    }
    return this.#enter(handle, pending, agenda, exclusion, pause);
  }

  /** One that cannot be listed is left out like any other item that fails: an empty one in its place would say that there was nothing in it. */
  async #enterChild(frame: Frame, name: ByteName, pause: () => Promise<void>): Promise<Frame | undefined> {
    const before = frame.before.get(name);
    let handle: SharedHandle | undefined;
    let pending: PendingDirectory;
    let agenda: Agenda;
    try {
      if (frame.handle === undefined) throw new VarveError('MOVED', 'a directory above was moved while it was saved');
      handle = new SharedHandle(frame.handle.directory.openDirectory(name));
      pending = this.#begin(handle.directory, frame.pending, name);
      agenda = this.#agenda(pending, handle.directory, frame.known?.below(before));
    } catch (error) {
      handle?.release();
      this.#failed(frame.pending, name, error);
      await this.#leftOut(frame, before);
      this.#assembly.skip(frame.pending);
      return undefined;
    }
    return this.#enter(handle, pending, agenda, frame.exclusion, pause);
  }

  /** Goes back up; the parent is opened again where it was closed on the way down. */
  #leave(frame: Frame, parent: Frame | undefined, root: Frame | undefined): void {
    if (parent !== undefined && parent.handle === undefined) {
      const opened =
        this.#reopen(parent, () => frame.handle?.directory.openParent()) ??
        this.#reopen(parent, () => root?.handle?.directory.resolve(parent.pending.path as ByteName));
      parent.handle = opened;
    }
    frame.handle?.release();
    frame.handle = undefined;
    this.#assembly.arrived(frame.pending);
  }

  /** What `open` opens, if it still is the directory that was entered. */
  #reopen({ pending: { own } }: Frame, open: () => Directory | undefined): SharedHandle | undefined {
    let directory: Directory | undefined;
    try {
      directory = open();
      if (directory?.stat(SELF, this.#stat)) {
        this.#stat.signature(this.#signature, 0);
        const same =
          this.#signature.compare(own.signature, 16, 24, 16, 24) === 0 && this.#signature.compare(own.signature, 64, 72, 64, 72) === 0;
        if (same) return new SharedHandle(directory);
      }
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
    }
    directory?.close();
    return undefined;
  }

  /** What is to be looked at in a directory that was just begun; nothing where the walk does not go. */
  #agenda(pending: PendingDirectory, directory: Directory, known: KnownDirectory | undefined): Agenda {
    const isElsewhere = this.#options.oneFileSystem === true && pending.parent !== undefined && this.#stat.dev !== this.#device;
    return isElsewhere ? emptyAgenda(known) : agendaOf(directory, known);
  }

  /** Settles or passes on everything in a directory but its subdirectories, which the frame remembers. Lets go of the handle when it fails. */
  async #enter(
    handle: SharedHandle,
    pending: PendingDirectory,
    agenda: Agenda,
    outer: Exclusion,
    pause: () => Promise<void>,
  ): Promise<Frame> {
    try {
      return await this.#items(handle, pending, agenda, outer, pause);
    } catch (error) {
      handle.release();
      throw error;
    }
  }

  async #items(
    handle: SharedHandle,
    pending: PendingDirectory,
    agenda: Agenda,
    outer: Exclusion,
    pause: () => Promise<void>,
  ): Promise<Frame> {
    const { directory } = handle;
    const path = memo(() => pending.path);
    const rules = agenda.listed?.names ?? ruleFilesIn(directory);
    const exclusion = outer.enter(directory, rules, path);
    const isTagged = this.#options.skipCaches !== false && isCache(directory, rules);
    const names = isTagged ? [CACHE_TAG_NAME] : await namesOf(agenda);
    const { known } = agenda;
    const isWhole = agenda.isWhole || isTagged;
    const before = (await known?.entries(isWhole ? undefined : names)) ?? new Map<ByteName, Entry>();
    if (known !== undefined && !isWhole) pending.rest = { of: known, names };
    for (const { name, identity } of before.values()) if (identity !== undefined) this.#links.looksAt(path() + name, identity);
    const subdirectories = new Set<ByteName>();
    const visit: Visit = { pending, handle, exclusion, path, before, subdirectories };
    for (const [i, name] of names.entries()) {
      if (i % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1 || this.#isLarge) await pause();
      this.#isLarge = false;
      this.#item(visit, name);
    }
    this.#tally.report(() => showName(path() as ByteName));
    const frame: Frame = { pending, handle, subdirectories: [...subdirectories], next: 0, exclusion, known, before };
    for (const entry of before.values()) if (!subdirectories.has(entry.name)) await this.#leftOut(frame, entry);
    return frame;
  }

  /** A directory of the earlier tree is not gone into, being gone or excluded by now: nothing stands below it any more. */
  async #leftOut({ known, pending }: Frame, before: Entry | undefined): Promise<void> {
    if (known === undefined || before?.kind !== 'directory') return;
    for await (const items of known.everything(before, (pending.path + before.name) as ByteName)) {
      for (const { path, entry } of items) if (entry.identity !== undefined) this.#links.looksAt(path, entry.identity);
    }
  }

  /** Leaves `#stat` filled from the directory itself. */
  #begin(directory: Directory, parent: PendingDirectory | undefined, name: ByteName): PendingDirectory {
    const stat = this.#stat;
    directory.stat(SELF, stat);
    if (parent === undefined) this.#device = stat.dev;
    const signature = new Uint8Array(SIGNATURE_BYTES);
    stat.signature(signature, 0);
    const xattrs = readXattrs(directory, SELF);
    const body = {
      kind: 'directory' as const,
      mode: stat.mode,
      mtime: stat.mtime,
      ...(xattrs !== undefined && { xattrs }),
      ...this.#observed(stat),
    };
    return new PendingDirectory(parent, name, { body, owner: this.#owners.of(stat.uid, stat.gid), signature }, this.#cache);
  }

  #item(visit: Visit, name: ByteName, attempt = 1): void {
    const { pending, handle, exclusion, path } = visit;
    const stat = this.#stat;
    try {
      if (!handle.directory.stat(name, stat)) return;
      const { kind } = stat;
      const isDirectory = kind === 'directory';
      if (!exclusion.isEmpty && exclusion.excludes(`${path()}${name}${isDirectory ? '/' : ''}`)) return;
      if (isDirectory) {
        pending.expect(1);
        visit.subdirectories.add(name);
        return;
      }
      if (kind === undefined || (kind === 'file' && this.#filteredOut(stat))) return;
      const identity = this.#links.identity(stat, () => path() + name, visit.before.get(name)?.identity);
      stat.signature(this.#signature, 0);
      const cached = pending.cached?.find(name, this.#signature);
      if (cached !== undefined && sameIdentity(cached.identity, identity)) {
        this.#tally.seen(cached.bytes);
        this.#tally.done(cached.bytes);
        pending.expect(1);
        this.#assembly.add(pending, { ...cached, name, owner: this.#owners.of(stat.uid, stat.gid) }, false);
        return;
      }
      if (kind === 'file') {
        this.#tally.seen(stat.size);
        pending.expect(1);
        this.#isLarge = this.#onFile({ directory: pending, handle, name, sizeBytes: stat.size, identity }, stat);
        return;
      }
      if (this.#other(pending, handle.directory, name, identity)) return;
      if (attempt === ATTEMPTS) throw new VarveError('TORN', 'changed each time it was looked at');
      this.#item(visit, name, attempt + 1);
    } catch (error) {
      this.#failed(pending, name, error);
      pending.changed = true;
    }
  }

  /** An entry that is all metadata; false when it changed meanwhile, so that what was read of it need not belong together. */
  #other(pending: PendingDirectory, directory: Directory, name: ByteName, identity: Uint8Array | undefined): boolean {
    const stat = this.#stat;
    const kind = stat.kind as Exclude<Stat['kind'], 'file' | 'directory' | undefined>;
    const signature = new Uint8Array(this.#signature);
    const owner = this.#owners.of(stat.uid, stat.gid);
    const { mode, mtime, deviceMajor: major, deviceMinor: minor } = stat;
    const observed = this.#observed(stat);
    const target = kind === 'symlink' ? readTarget(directory, name) : undefined;
    const xattrs = readXattrs(directory, name);
    if (!directory.stat(name, stat)) throw new VanishedError(name);
    stat.signature(this.#signature, 0);
    if (this.#signature.compare(signature) !== 0 || (kind === 'symlink' && target === undefined)) return false;
    const body: EntryBody = {
      kind,
      mode: kind === 'symlink' ? 0o777 : mode,
      mtime,
      ...(target !== undefined && { target }),
      ...((kind === 'character' || kind === 'block') && { device: { major, minor } }),
      ...(xattrs !== undefined && { xattrs }),
      ...(identity !== undefined && { identity }),
      ...observed,
    };
    if (isRacy(stat)) {
      signature.fill(0);
      this.#tally.doubt(() => pending.path + name);
    }
    this.#tally.seen(0);
    this.#tally.done(0);
    pending.expect(1);
    this.#assembly.add(pending, { name, owner, signature, encoded: encodeEntry(body), files: 1, bytes: 0, identity }, true);
    return true;
  }

  #filteredOut(stat: Stat): boolean {
    const { minFileBytes, maxFileBytes, newerThanMs, olderThanMs } = this.#options;
    const { size } = stat;
    if ((minFileBytes !== undefined && size < minFileBytes) || (maxFileBytes !== undefined && size > maxFileBytes)) return true;
    if (newerThanMs === undefined && olderThanMs === undefined) return false;
    const mtimeMs = stat.mtimeSeconds * 1000 + stat.mtimeNanoseconds / 1e6;
    return (newerThanMs !== undefined && mtimeMs < newerThanMs) || (olderThanMs !== undefined && mtimeMs > olderThanMs);
  }

  #observed(stat: Stat): ReturnType<typeof observedTimes> | undefined {
    return this.#options.observedTimes ? observedTimes(stat) : undefined;
  }

  #failed(directory: PendingDirectory, name: ByteName, error: unknown): void {
    if (!(error instanceof VarveError)) throw error;
    // What has vanished since it was listed is as if it had never been there.
    if (hasErrno(error, 'ENOENT')) return;
    this.#tally.failed(directory.path + name, error.code, error.message);
  }
}

function sameIdentity(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}

/** Undefined when it is no symbolic link any more. */
function readTarget(directory: Directory, name: ByteName): ByteName | undefined {
  try {
    return directory.readLink(name);
  } catch (error) {
    if (hasErrno(error, 'EINVAL')) return undefined;
    throw error;
  }
}

function memo(compute: () => string): () => string {
  let value: string | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}
