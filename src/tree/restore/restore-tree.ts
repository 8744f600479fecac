import { hasErrno, type VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { timesEqual } from '../compare-entries.ts';
import type { Entry } from '../types.ts';
import { isUnknown, type TreeView, type ViewEntry } from '../view.ts';
import { FileBatches, type FileJob } from './file-batches.ts';
import { LinkGroups } from './link-groups.ts';
import { LocalOwners } from './local-owners.ts';
import { type FileTask, OUTCOME } from './messages.ts';
import { applyMetadata, type MetadataFailureListener, metadataDiffers, namedTarget, presentMetadata } from './metadata.ts';
import { Others } from './others.ts';
import type { RestorePool } from './pool.ts';
import type { RestoreTally } from './restore-tally.ts';
import type { Selection } from './selection.ts';
import { asItemError, openBelow, openOrMake, shownPath, TargetDirectory } from './target-directory.ts';
import { putInPlace } from './temporary-name.ts';

/** Directories on the way down that are kept open; those above are come back to through `..`. */
const OPEN_LEVELS = 128;
const SELF = '.' as ByteName;

export interface TreeRestoreSettings {
  readonly delete: boolean;
  /** See RestoreOptions. */
  readonly staying: ReadonlySet<string>;
  readonly dryRun: boolean;
  readonly checksum: boolean;
  /** See RestoreSettings. */
  readonly keepXattrs: boolean;
}

/**
 * Restores a tree below an open directory: directories and what is all metadata in this thread, files in the pool. Everything is reached through open
 * directories and single names, and no symbolic link is ever followed: neither the tree nor what happens on the disk meanwhile leads outside.
 */
export class TreeRestore {
  /** Undefined in a dry run into a place that does not exist. */
  readonly #root: Directory | undefined;
  readonly #view: TreeView;
  readonly #settings: TreeRestoreSettings;
  readonly #selection: Selection;
  readonly #tally: RestoreTally;
  readonly #files: FileBatches;
  readonly #pool: RestorePool;
  readonly #owners = new LocalOwners();
  readonly #stat = new Stat();
  readonly #links = new LinkGroups();
  readonly #others: Others;

  constructor(parts: {
    readonly root: Directory | undefined;
    readonly view: TreeView;
    readonly pool: RestorePool;
    readonly settings: TreeRestoreSettings;
    readonly selection: Selection;
    readonly tally: RestoreTally;
  }) {
    this.#root = parts.root;
    this.#view = parts.view;
    this.#settings = parts.settings;
    this.#selection = parts.selection;
    this.#tally = parts.tally;
    this.#pool = parts.pool;
    this.#others = new Others({
      selection: parts.selection,
      tally: parts.tally,
      dryRun: parts.settings.dryRun,
      staying: parts.settings.staying,
    });
    this.#files = new FileBatches(parts.pool, (job, outcome, failures) => {
      for (const { code, message } of failures) this.#tally.error(shownPath(job.parent, job.entry.name), code, message);
      this.#settled(job.parent, job.entry, outcome);
      this.#done(job.parent);
    });
  }

  /** Restores the content and the metadata of a directory. `present`: what stands in the root already; undefined when it is new. */
  async directory(entry: ViewEntry, present: ReadonlySet<ByteName> | undefined, signal: AbortSignal | undefined): Promise<void> {
    if (isUnknown(entry)) return this.#unknown(SELF);
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
    if (this.#root !== undefined) root.opened({ directory: this.#root.openDirectory(SELF), present });
    return root;
  }

  /** Restores what is in a directory, then leaves it to those who still work in it. Depth is bounded by memory only. */
  async #walk(root: TargetDirectory, signal: AbortSignal | undefined): Promise<void> {
    // The other half is for the store, for threads, and for files.
    const mostOpen = system().openFileLimit() / 2;
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
      await this.#files.boundOpenDirectories(mostOpen);
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
    if (directory && parent?.touched && parent.directory === undefined) parent.reopen(directory);
    if (target.selected) this.#tally.directory();
    this.#done(target);
    target.leave();
  }

  /** Settles or passes on all but the subdirectories, which are returned in reverse order. */
  async #contents(target: TargetDirectory, signal: AbortSignal | undefined): Promise<TargetDirectory[]> {
    const subdirectories: TargetDirectory[] = [];
    const wanted = new Set<ByteName>();
    try {
      const path = target.path;
      for await (const entries of this.#view.entries(target.entry, path.slice(0, -1) as ByteName, signal)) {
        for (const entry of entries) {
          wanted.add(entry.name);
          const isDirectory = entry.kind === 'directory';
          const selected = this.#selection.of(path + entry.name, isDirectory);
          if (selected === 'no') continue;
          if (isUnknown(entry)) {
            this.#unknown(shownPath(target, entry.name));
          } else if (isDirectory) {
            target.expect();
            subdirectories.push(new TargetDirectory(target, entry, selected === 'yes'));
          } else if (selected === 'yes') {
            this.#attempt(target, entry.name, () => this.#item(target, entry));
          }
        }
      }
      if (this.#settings.delete) this.#others.removeAllBut(target, wanted, (name, action) => this.#attempt(target, name, action));
    } catch (error) {
      this.#tally.error(shownPath(target, SELF), asItemError(error).code, (error as VarveError).message);
    }
    return subdirectories.reverse();
  }

  /**
   * One that nobody has looked into stays as it is, or is left out: an empty one in its place would say that there was nothing in it. (What is passed over, as the top of another file system, comes as
   * the empty folder that it stands in.)
   */
  #unknown(shown: string): void {
    this.#tally.error(shown, 'NOT_LISTED', 'it was never listed: what was in it is not known');
  }

  /** The open directory of a target, made with all above it when it is the first to be needed; undefined in a dry run where there is none. */
  #open(target: TargetDirectory): Directory | undefined {
    if (target.directory !== undefined) return target.directory;
    if (target.parent === undefined) {
      if (this.#root !== undefined) target.opened({ directory: this.#root.openDirectory(SELF), present: target.present });
      return target.directory;
    }
    const { name } = target.entry;
    const parent = this.#open(target.parent);
    if (this.#settings.dryRun) {
      const exists = parent?.stat(name, this.#stat) && this.#stat.kind === 'directory';
      if (!target.touched && !exists) this.#tally.change('create', 'directory', shownPath(target.parent, name));
      target.touched = true;
      if (!exists || parent === undefined) return undefined;
      const directory = parent.openDirectory(name);
      target.opened({ directory, present: new Set(directory.entries().names) });
      return directory;
    }
    const opened = openOrMake(parent as Directory, name, target.parent.present?.has(name) !== true);
    target.opened(opened);
    if (opened.present === undefined) this.#tally.change('create', 'directory', shownPath(target.parent, name));
    return opened.directory;
  }

  #item(parent: TargetDirectory, entry: Entry): void {
    const directory = this.#open(parent);
    const { name, kind } = entry;
    if (kind === 'whiteout' || kind === 'hardlink') return;
    let exists = directory !== undefined && parent.present?.has(name) === true && directory.stat(name, this.#stat);
    if (exists && this.#stat.kind === 'directory') {
      if (!this.#settings.delete)
        return this.#tally.error(shownPath(parent, name), 'EISDIR', 'a directory is in the way; with --delete it would be removed');
      this.#others.remove(parent, name);
      exists = false;
    }
    if (lacksContent(entry)) return this.#withoutContent(parent, entry, exists);
    if (this.#links.joins(parent, entry)) return parent.expect();
    if (kind === 'file') return this.#file(parent, entry, exists && this.#stat.kind === 'file');
    const outcome = directory === undefined || !exists ? OUTCOME.created : this.#compare(directory, entry);
    if (!this.#settings.dryRun && directory !== undefined) this.#put(parent, directory, entry, outcome);
    this.#settled(parent, entry, outcome);
  }

  /** What nobody has the content of stays as it is where it looks right, and else cannot be restored. */
  #withoutContent(parent: TargetDirectory, entry: ViewEntry, exists: boolean): void {
    const { kind, mtime } = this.#stat;
    const isRight = exists && kind === entry.kind && timesEqual(mtime, entry.mtime) && (kind !== 'file' || this.#stat.size === entry.size);
    if (isRight) this.#settled(parent, entry, OUTCOME.unchanged);
    else this.#tally.error(shownPath(parent, entry.name), 'NOT_KEPT', 'its content was not kept');
  }

  /** Makes an entry that is all metadata, or puts right what of it is not. */
  #put(parent: TargetDirectory, directory: Directory, entry: Entry, outcome: number): void {
    const { name } = entry;
    const onFailure = this.#failureListener(shownPath(parent, name));
    const owner = this.#owners.of(entry.owner);
    if (outcome === OUTCOME.metadata)
      applyMetadata(namedTarget(directory, name), entry, owner, presentMetadata(this.#stat, !this.#settings.keepXattrs), onFailure);
    if (outcome !== OUTCOME.created && outcome !== OUTCOME.replaced) return;
    putInPlace(directory, name, (temporary) => {
      make(directory, temporary, entry);
      directory.stat(temporary, this.#stat);
      applyMetadata(
        namedTarget(directory, temporary),
        entry,
        owner,
        presentMetadata(this.#stat, parent.inherits && !this.#settings.keepXattrs),
        onFailure,
      );
    });
  }

  #file(parent: TargetDirectory, entry: Entry, exists: boolean): void {
    const { directory } = parent;
    const task = exists && directory !== undefined ? this.#taskFor(directory, entry) : 'create';
    if (directory === undefined || task === undefined) {
      this.#settled(parent, entry, directory === undefined ? OUTCOME.created : OUTCOME.unchanged);
      return;
    }
    parent.expect();
    this.#files.add({ parent, entry, task, owner: this.#owners.of(entry.owner) } satisfies FileJob);
  }

  /** What is to be done with a file that is there; undefined when nothing is. */
  #taskFor(directory: Directory, entry: Entry): FileTask | undefined {
    const { size, mtime } = this.#stat;
    if (size !== entry.content?.size || !this.#links.mayStay(this.#stat, entry)) return 'replace';
    const { seconds, nanoseconds } = entry.mtime;
    if (this.#settings.checksum || mtime.seconds !== seconds || mtime.nanoseconds !== nanoseconds) return 'compare';
    return this.#metadataDiffers(directory, entry.name, entry) ? 'metadata' : undefined;
  }

  #settled(parent: TargetDirectory, entry: Entry, outcome: number): void {
    this.#links.settled(entry, outcome);
    this.#tally.settled(shownPath(parent, entry.name), entry, outcome);
  }

  #makeLinks(): void {
    for (const link of this.#links.waiting) {
      const { first, parent, entry } = link;
      this.#attempt(parent, entry.name, () => {
        using from = this.#find(first.parent);
        using to = this.#find(parent);
        this.#settled(parent, entry, this.#links.make(link, from, to, this.#settings.dryRun));
      });
      this.#done(parent);
    }
  }

  /** Opens a directory of the target anew; undefined in a dry run where there is none. */
  #find(target: TargetDirectory): Directory | undefined {
    if (this.#root === undefined) return undefined;
    try {
      return openBelow(this.#root, target.names);
    } catch (error) {
      if (this.#settings.dryRun && hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
      throw error;
    }
  }

  /** Something in the directory is done; when it was the last, the directory gets its metadata, and may have been the last in the one above. */
  #done(target: TargetDirectory): void {
    let below: TargetDirectory | undefined;
    /** Whether `below` was opened here. */
    let isOurs = false;
    for (let at: TargetDirectory | undefined = target; at?.done(); at = at.parent) {
      const directory = at;
      const wasOpen = at.directory !== undefined;
      if (at.touched) {
        this.#attempt(at, SELF, () => {
          if (!wasOpen) this.#openAgain(directory, below);
          this.#finish(directory);
        });
      }
      if (isOurs) below?.leave();
      below = at;
      isOurs = !wasOpen;
    }
    if (isOurs) below?.leave();
  }

  /** Opens a directory that was left, from one below it where possible: the way from the root may be long. */
  #openAgain(target: TargetDirectory, below: TargetDirectory | undefined): void {
    if (below?.directory !== undefined && target.reopen(below.directory)) return;
    const directory = this.#find(target);
    if (directory !== undefined) target.hold(directory);
  }

  /** Gives a directory its metadata; one that was there and is not wanted itself gets back its own. */
  #finish(target: TargetDirectory): void {
    const { before, entry } = target;
    const isWanted = before === undefined || this.#selection.takesMetadata(target.path);
    if (before === undefined && this.#settings.dryRun) return;
    const { directory } = target;
    if (directory === undefined) return;
    const shown = shownPath(target, SELF);
    const owner = this.#owners.of(entry.owner);
    const known = before && { ...before, mayHaveXattrs: !this.#settings.keepXattrs };
    if (known !== undefined && isWanted && metadataDiffers(namedTarget(directory, SELF), entry, owner, known))
      this.#tally.change('metadata', 'directory', shown);
    if (this.#settings.dryRun) return;
    directory.stat(SELF, this.#stat);
    if (!isWanted) {
      if (this.#stat.mode !== before?.mode) directory.setMode(SELF, before?.mode as number);
      return;
    }
    const mayHaveXattrs = !this.#settings.keepXattrs && (before !== undefined || target.parent?.inherits !== false);
    const present = presentMetadata(this.#stat, mayHaveXattrs);
    applyMetadata(namedTarget(directory, SELF), entry, owner, present, this.#failureListener(shown));
  }

  #failureListener(shown: string): MetadataFailureListener {
    return (what, error) => this.#tally.error(shown, error.code, `its ${what} could not be restored: ${error.message}`);
  }

  #metadataDiffers(directory: Directory, name: ByteName, entry: Entry): boolean {
    return metadataDiffers(
      namedTarget(directory, name),
      entry,
      this.#owners.of(entry.owner),
      presentMetadata(this.#stat, !this.#settings.keepXattrs),
    );
  }

  /** The outcome for what stands there and is no file: how much of it is right already. */
  #compare(directory: Directory, entry: Entry): number {
    if (!this.#isSame(directory, entry) || !this.#links.mayStay(this.#stat, entry)) return OUTCOME.replaced;
    if (!this.#metadataDiffers(directory, entry.name, entry)) return OUTCOME.unchanged;
    return this.#stat.nlink === 1 ? OUTCOME.metadata : OUTCOME.replaced;
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

function lacksContent({ kind, content, target, device }: Entry): boolean {
  if (kind === 'file') return content === undefined;
  return kind === 'symlink' ? target === undefined : (kind === 'character' || kind === 'block') && device === undefined;
}

function make(directory: Directory, name: ByteName, entry: Entry): void {
  const { kind } = entry;
  if (kind === 'symlink') directory.symlink(entry.target as ByteName, name);
  else if (kind === 'fifo' || kind === 'socket') directory.makeNode(name, kind, 0o600);
  else if (kind === 'character' || kind === 'block') directory.makeNode(name, kind, 0o600, entry.device);
}
