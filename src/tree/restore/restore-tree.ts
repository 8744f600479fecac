import type { VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import type { BlockRef } from '../../block/types.ts';
import { digestKey } from '../../hash/digest.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import { DirectoryReader } from '../directory-reader.ts';
import type { Entry } from '../types.ts';
import { type FileJob, FileBatches } from './file-batches.ts';
import { LocalOwners } from './local-owners.ts';
import { OUTCOME } from './messages.ts';
import { applyMetadata, namedTarget } from './metadata.ts';
import type { RestorePool } from './pool.ts';
import type { RestoreTally } from './restore-tally.ts';
import type { Selection } from './selection.ts';
import { asItemError, openBelow, openOrMake, removeTree, TargetDirectory } from './target-directory.ts';

/** Directories on the way down that are kept open; those above are come back to through `..`. */
const OPEN_LEVELS = 128;
const SELF = '.' as ByteName;

export interface TreeRestoreSettings {
  readonly delete: boolean;
  readonly dryRun: boolean;
  readonly checksum: boolean;
}

/** A further link of a file that is restored under another name. */
interface WaitingLink {
  readonly first: { readonly parent: TargetDirectory; readonly name: ByteName };
  readonly parent: TargetDirectory;
  readonly entry: Entry;
}

/**
 * Restores a tree below an open directory: directories and what is all metadata in this thread, files in the pool. Everything is reached through open
 * directories and single names, and no symbolic link is ever followed: neither the tree nor what happens on the disk meanwhile leads outside.
 */
export class TreeRestore {
  /** Undefined in a dry run into a place that does not exist. */
  readonly #root: Directory | undefined;
  readonly #reader: DirectoryReader;
  readonly #settings: TreeRestoreSettings;
  readonly #selection: Selection;
  readonly #tally: RestoreTally;
  readonly #files: FileBatches;
  readonly #pool: RestorePool;
  readonly #owners = new LocalOwners();
  readonly #stat = new Stat();
  readonly #firstLinks = new Map<string, { readonly parent: TargetDirectory; readonly name: ByteName }>();
  readonly #links: WaitingLink[] = [];

  constructor(parts: {
    readonly root: Directory | undefined;
    readonly reader: DirectoryReader;
    readonly pool: RestorePool;
    readonly settings: TreeRestoreSettings;
    readonly selection: Selection;
    readonly tally: RestoreTally;
  }) {
    this.#root = parts.root;
    this.#reader = parts.reader;
    this.#settings = parts.settings;
    this.#selection = parts.selection;
    this.#tally = parts.tally;
    this.#pool = parts.pool;
    this.#files = new FileBatches(parts.pool, (job, outcome, failures) => {
      for (const { code, message } of failures) this.#tally.error(shownPath(job.parent, job.entry.name), code, message);
      this.#tally.settled(shownPath(job.parent, job.entry.name), job.entry, outcome);
      this.#done(job.parent);
    });
  }

  /** Restores the content and the metadata of a directory. `present`: what stands in the root already; undefined when it is new. */
  async directory(entry: Entry, present: ReadonlySet<ByteName> | undefined, signal: AbortSignal | undefined): Promise<void> {
    await this.#walk(this.#rootTarget(entry, present), signal);
    await this.#files.finish();
    this.#makeLinks();
  }

  /** Restores one entry that is no directory into the root, under the name that it has. */
  async single(entry: Entry, present: ReadonlySet<ByteName> | undefined): Promise<void> {
    const root = this.#rootTarget(entry, present);
    this.#attempt(root, entry.name, () => this.#item(root, entry));
    await this.#files.finish();
    root.leave();
  }

  #rootTarget(entry: Entry, present: ReadonlySet<ByteName> | undefined): TargetDirectory {
    const root = new TargetDirectory(undefined, entry, true);
    root.touched = true;
    if (this.#root !== undefined) root.opened(this.#root.openDirectory(SELF), present);
    return root;
  }

  /** Restores what is in a directory, then leaves it to those who still work in it. Depth is bounded by memory only. */
  async #walk(root: TargetDirectory, signal: AbortSignal | undefined): Promise<void> {
    const stack = [{ target: root, children: await this.#contents(root, signal) }];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const child = frame.children.pop();
      if (child === undefined) {
        stack.pop();
        this.#leave(frame.target);
        continue;
      }
      signal?.throwIfAborted();
      this.#files.check();
      await this.#pool.ready();
      if (!this.#enter(child)) continue;
      stack.push({ target: child, children: await this.#contents(child, signal) });
      stack[stack.length - 1 - OPEN_LEVELS]?.target.leave();
    }
  }

  /** Makes or opens a directory that is wanted itself; false when that failed. */
  #enter(child: TargetDirectory): boolean {
    if (!child.selected) return true;
    let entered = false;
    this.#attempt(child.parent as TargetDirectory, child.entry.name, () => {
      this.#open(child);
      entered = true;
    });
    if (!entered) this.#done(child.parent as TargetDirectory);
    return entered;
  }

  #leave(target: TargetDirectory): void {
    const { directory, parent } = target;
    if (directory !== undefined && parent !== undefined && parent.touched && parent.directory === undefined) parent.reopen(directory);
    this.#done(target);
    target.leave();
  }

  /** Settles or passes on all but the subdirectories, which are returned in reverse order. */
  async #contents(target: TargetDirectory, signal: AbortSignal | undefined): Promise<TargetDirectory[]> {
    const subdirectories: TargetDirectory[] = [];
    const wanted = new Set<ByteName>();
    try {
      const path = target.path;
      for await (const entries of this.#reader.entries(target.entry.content as BlockRef, signal === undefined ? {} : { signal })) {
        for (const entry of entries) {
          wanted.add(entry.name);
          const isDirectory = entry.kind === 'directory';
          const selected = this.#selection.of(path + entry.name, isDirectory);
          if (selected === 'no') continue;
          if (isDirectory) {
            target.expect();
            subdirectories.push(new TargetDirectory(target, entry, selected === 'yes'));
          } else if (selected === 'yes') {
            this.#attempt(target, entry.name, () => this.#item(target, entry));
          }
        }
      }
      if (this.#settings.delete && target.present !== undefined) this.#deleteOthers(target, wanted);
    } catch (error) {
      this.#tally.error(showName(path(target)) || '.', asItemError(error).code, (error as VarveError).message);
    }
    return subdirectories.reverse();
  }

  /** The open directory of a target, made with all above it when it is the first to be needed; undefined in a dry run where there is none. */
  #open(target: TargetDirectory): Directory | undefined {
    if (target.directory !== undefined) return target.directory;
    if (target.parent === undefined) {
      if (this.#root !== undefined) target.opened(this.#root.openDirectory(SELF), target.present);
      return target.directory;
    }
    const { name } = target.entry;
    const parent = this.#open(target.parent);
    if (this.#settings.dryRun) {
      const exists = parent?.stat(name, this.#stat) && this.#stat.kind === 'directory';
      if (!target.touched && !exists) this.#tally.created(shownPath(target.parent, name), target.entry);
      target.touched = true;
      if (!exists || parent === undefined) return undefined;
    }
    const isNew = !target.touched && this.#isNew(target);
    const { directory, present } = openOrMake(parent as Directory, name);
    target.opened(directory, present);
    if (isNew || present === undefined) this.#tally.created(shownPath(target.parent, name), target.entry);
    return directory;
  }

  #isNew(target: TargetDirectory): boolean {
    return target.parent?.present?.has(target.entry.name) === false;
  }

  #item(parent: TargetDirectory, entry: Entry): void {
    const directory = this.#open(parent);
    const { name, kind } = entry;
    if (kind === 'whiteout' || kind === 'hardlink') return;
    const exists = directory !== undefined && parent.present?.has(name) === true && directory.stat(name, this.#stat);
    if (exists && this.#stat.kind === 'directory') {
      if (!this.#settings.delete) return this.#tally.error(shownPath(parent, name), 'EISDIR', 'a directory is in the way; with --delete it would be removed');
      if (!this.#settings.dryRun) this.#tally.removed(removeTree(directory, name));
    }
    if (this.#linkLater(parent, entry)) return;
    if (kind === 'file') return this.#file(parent, entry, exists && this.#stat.kind === 'file');
    const isRight = exists && directory !== undefined && this.#isSame(directory, entry);
    this.#tally.settled(shownPath(parent, name), entry, isRight ? OUTCOME.unchanged : exists ? OUTCOME.replaced : OUTCOME.created);
    if (this.#settings.dryRun || directory === undefined) return;
    if (!isRight) {
      if (exists && directory.stat(name, this.#stat)) directory.remove(name);
      make(directory, entry);
    }
    this.#applyTo(directory, name, entry, shownPath(parent, name), exists && isRight);
  }

  #file(parent: TargetDirectory, entry: Entry, exists: boolean): void {
    const directory = parent.directory;
    if (directory === undefined) return this.#tally.settled(shownPath(parent, entry.name), entry, OUTCOME.created);
    if (exists && !this.#settings.checksum && sameByStat(this.#stat, entry)) {
      this.#tally.settled(shownPath(parent, entry.name), entry, OUTCOME.unchanged);
      if (!this.#settings.dryRun) this.#applyTo(directory, entry.name, entry, shownPath(parent, entry.name), true);
      return;
    }
    parent.expect();
    const task = !exists ? 'create' : this.#settings.checksum ? 'compare' : this.#stat.size === entry.content?.size ? 'compare' : 'replace';
    this.#files.add({ parent, entry, task, owner: this.#owners.of(entry.owner) } satisfies FileJob);
  }

  /** True when the entry is a further link of a file that was met before: it is made when all files are there. */
  #linkLater(parent: TargetDirectory, entry: Entry): boolean {
    if (entry.identity === undefined) return false;
    const key = digestKey(entry.identity as never);
    const first = this.#firstLinks.get(key);
    if (first === undefined) {
      this.#firstLinks.set(key, { parent, name: entry.name });
      return false;
    }
    parent.expect();
    this.#links.push({ first, parent, entry });
    return true;
  }

  #makeLinks(): void {
    for (const { first, parent, entry } of this.#links) {
      const shown = shownPath(parent, entry.name);
      this.#attempt(parent, entry.name, () => {
        if (this.#settings.dryRun) return this.#tally.settled(shown, entry, OUTCOME.created);
        using from = openBelow(this.#root as Directory, first.parent.names);
        using to = openBelow(this.#root as Directory, parent.names);
        const other = new Stat();
        const exists = to.stat(entry.name, other);
        if (exists && from.stat(first.name, this.#stat) && this.#stat.sameFile(other)) return this.#tally.settled(shown, entry, OUTCOME.unchanged);
        if (exists) to.remove(entry.name);
        to.link(from, first.name, entry.name);
        this.#tally.settled(shown, entry, exists ? OUTCOME.replaced : OUTCOME.created);
      });
      this.#done(parent);
    }
  }

  #deleteOthers(target: TargetDirectory, wanted: ReadonlySet<ByteName>): void {
    for (const name of target.present ?? []) {
      if (wanted.has(name) || !this.#selection.mayDelete(target.path + name)) continue;
      this.#tally.deleted(shownPath(target, name));
      if (this.#settings.dryRun || target.directory === undefined) continue;
      this.#attempt(target, name, () => this.#tally.removed(removeTree(target.directory as Directory, name)));
    }
  }

  /** Something in the directory is done; when it was the last, the directory gets its metadata. */
  #done(target: TargetDirectory): void {
    for (let at: TargetDirectory | undefined = target; at?.done(); at = at.parent) {
      if (!at.touched || this.#settings.dryRun || !this.#selection.takesMetadata(at.path)) continue;
      const directory = at;
      this.#attempt(at, SELF, () => {
        const open = directory.directory;
        if (open !== undefined) return this.#applyTo(open, SELF, directory.entry, showName(path(directory)) || '.', directory.present !== undefined);
        using again = openBelow(this.#root as Directory, directory.names);
        this.#applyTo(again, SELF, directory.entry, showName(path(directory)) || '.', directory.present !== undefined);
      });
    }
  }

  #applyTo(directory: Directory, name: ByteName, entry: Entry, shown: string, existed: boolean): void {
    directory.stat(name, this.#stat);
    const { uid, gid, mode } = this.#stat;
    const present = { owner: { uid, gid }, mode, mayHaveXattrs: existed };
    applyMetadata(namedTarget(directory, name), entry, this.#owners.of(entry.owner), present, (what, error) => {
      this.#tally.error(shown, error.code, `its ${what} could not be restored: ${error.message}`);
    });
  }

  /** Whether what stands there is the entry already, but for owner, mode and times. */
  #isSame(directory: Directory, entry: Entry): boolean {
    if (this.#stat.kind !== entry.kind) return false;
    if (entry.kind === 'symlink') return directory.readLink(entry.name) === entry.target;
    if (entry.device !== undefined) return this.#stat.deviceMajor === entry.device.major && this.#stat.deviceMinor === entry.device.minor;
    return true;
  }

  #attempt(parent: TargetDirectory, name: ByteName, action: () => void): void {
    try {
      action();
    } catch (error) {
      const { code, message } = asItemError(error);
      this.#tally.error(shownPath(parent, name), code, message);
    }
  }
}

function make(directory: Directory, entry: Entry): void {
  const { name, kind } = entry;
  if (kind === 'symlink') directory.symlink(entry.target as ByteName, name);
  else if (kind === 'fifo' || kind === 'socket') directory.makeNode(name, kind, 0o600);
  else if (kind === 'character' || kind === 'block') directory.makeNode(name, kind, 0o600, entry.device);
}

function sameByStat(stat: Stat, entry: Entry): boolean {
  return stat.size === entry.content?.size && stat.mtimeSeconds === entry.mtime.seconds && stat.mtimeNanoseconds === entry.mtime.nanoseconds;
}

function path(target: TargetDirectory): ByteName {
  return target.path.slice(0, -1) as ByteName;
}

function shownPath(parent: TargetDirectory, name: ByteName): string {
  return showName((name === SELF ? path(parent) || SELF : parent.path + name) as ByteName);
}
