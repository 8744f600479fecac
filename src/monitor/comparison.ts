import { SystemError } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import type { Directory } from '../sys/types.ts';
import type { Disk } from './disk.ts';
import { type KnownTree, type Row, TOP } from './known-tree.ts';
import { ToldChange } from './told-change.ts';
import type { Change, FileState } from './types.ts';

export interface ComparisonParts {
  readonly tree: KnownTree;
  readonly disk: Disk;
  /** A directory is about to be listed: from now on, what happens in it is told. */
  readonly mark: (row: Row, directory: Directory, device: number) => void;
  /** Whether directories that have moved have to be listed again. */
  readonly listsMoved: boolean;
  readonly onError: (error: SystemError) => void;
}

/** A directory to be listed. */
interface Listing {
  readonly row: Row;
  /** With everything below that is known already; what is new always is. */
  readonly recursive: boolean;
}

const SELF = '.' as ByteName;

/**
 * Compares places with what is known of them, and takes over what differs. One *pass* is what `run` does: only at its end it is decided what is gone, since what has left its place may be met
 * elsewhere until then.
 */
export class Comparison {
  readonly #parts: ComparisonParts;
  readonly #tree: KnownTree;
  readonly #disk: Disk;
  readonly #stat = new Stat();
  readonly #toLook = new Map<Row, Set<ByteName>>();
  #toList: Listing[] = [];
  /** The listing under way compares what is below as well. */
  #isRecursive = false;
  /** What was not at its place. */
  readonly #absent = new Set<Row>();
  /** Directories that were not where they should be. */
  readonly #unreached = new Set<Row>();
  /** Files of which a link has changed, by inode. */
  readonly #linked = new Set<number>();
  /** Directories that are entered at another place. */
  readonly #otherViews = new Set<Row>();
  #changes: Change[] = [];
  #isFirst = true;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
    this.#tree = parts.tree;
    this.#disk = parts.disk;
  }

  /** Asks for a directory to be listed by the next pass. */
  list(row: Row, recursive: boolean): void {
    if (this.#isDirectory(row)) this.#toList.push({ row, recursive });
  }

  /** Asks for a name of a directory to be looked at by the next pass. */
  look(row: Row, name: ByteName): void {
    const names = this.#toLook.get(row);
    if (names === undefined) this.#toLook.set(row, new Set([name]));
    else names.add(name);
  }

  /** Tells what has changed, up to the end of all listings. Undefined: a good moment to let others go first. */
  *run(): Generator<Change | undefined> {
    yield* this.#lookAll();
    // Twice, since the first time may have shown where they are now.
    for (let time = 0; time < 2; time++) {
      for (const row of this.#unreached) this.list(row, false);
      this.#unreached.clear();
      yield* this.#listAll();
    }
    for (const row of this.#absent) if (this.#tree.has(row)) yield* this.#remove(row);
    this.#absent.clear();
    for (const inode of this.#linked) this.#lookAtLinks(inode);
    this.#linked.clear();
    yield* this.#take();
    for (const row of this.#unreached) if (!this.#isDirectory(row)) this.#unreached.delete(row);
    this.#tree.settle();
    this.#isFirst = false;
  }

  *#lookAll(): Generator<Change | undefined> {
    for (const [row, names] of this.#toLook) {
      this.#toLook.delete(row);
      if (this.#isDirectory(row)) this.#attempt(() => this.#lookAtNames(row, names));
      yield* this.#take();
      yield undefined;
    }
  }

  #lookAtNames(row: Row, names: ReadonlySet<ByteName>): void {
    using directory = this.#disk.open(row);
    if (directory === undefined) this.#unreached.add(row);
    else for (const name of names) this.#lookAt(directory, row, name);
  }

  *#listAll(): Generator<Change | undefined> {
    for (let next = this.#toList.pop(); next !== undefined; next = this.#toList.pop()) {
      const { row, recursive } = next;
      if (this.#isDirectory(row)) this.#attempt(() => this.#listOne(row, recursive));
      yield* this.#take();
      yield undefined;
    }
  }

  *#take(): Generator<Change> {
    const changes = this.#changes;
    this.#changes = [];
    yield* changes;
  }

  #listOne(row: Row, recursive: boolean): void {
    using directory = this.#disk.open(row);
    if (directory === undefined) {
      this.#unreached.add(row);
      return;
    }
    directory.stat(SELF, this.#stat);
    this.#parts.mark(row, directory, this.#stat.dev);
    const { names } = directory.entries();
    const found = new Set(names);
    this.#isRecursive = recursive;
    for (const name of names) {
      const known = this.#tree.child(row, name);
      this.#lookAt(directory, row, name);
      // What is new here is entered already.
      const isKnown = known !== undefined && known === this.#tree.child(row, name);
      if (recursive && isKnown && this.#isDirectory(known)) this.#enter(known);
    }
    this.#isRecursive = false;
    for (const [name, child] of this.#tree.children(row)) if (!found.has(name)) this.#absent.add(child);
  }

  #lookAt(directory: Directory, parent: Row, name: ByteName): void {
    this.#attempt(() => {
      const known = this.#tree.child(parent, name);
      if (!directory.stat(name, this.#stat)) {
        if (known !== undefined) this.#absent.add(known);
      } else if (this.#stat.kind !== undefined) this.#present(parent, name, known);
    });
  }

  /** Such a file is at that place: what is in `#stat`. */
  #present(parent: Row, name: ByteName, here: Row | undefined): void {
    const { states } = this.#tree;
    const found = this.#stat;
    if (here !== undefined && states.isSameFile(here, found)) {
      this.#absent.delete(here);
      if (states.differs(here, found)) this.#change(here, found);
      return;
    }
    if (here !== undefined) this.#removeBelow(here);
    const other = this.#elsewhere(parent, found);
    const old = here === undefined ? undefined : this.#leave(here);
    if (other !== undefined && !other.isHeld) this.#move(other.row, parent, name, old);
    else this.#add(parent, name, old, other !== undefined);
  }

  #change(row: Row, found: Stat): void {
    const { states } = this.#tree;
    const old = states.get(row);
    if (states.isLinked(row)) this.#linked.add(found.inoApproximate);
    states.set(row, found);
    if (states.isLinked(row)) this.#linked.add(found.inoApproximate);
    this.#tell(row, old);
  }

  #move(row: Row, parent: Row, name: ByteName, old: FileState | undefined): void {
    const from = this.#tree.path(row);
    this.#absent.delete(row);
    this.#tree.move(row, parent, name);
    this.#tree.states.set(row, this.#stat);
    this.#tell(row, old, from);
    if (this.#isDirectory(row) && (this.#parts.listsMoved || this.#isRecursive)) this.#enter(row);
  }

  /** `isOtherView`: the same directory is in another place too, and entered there. */
  #add(parent: Row, name: ByteName, old: FileState | undefined, isOtherView: boolean): void {
    const row = this.#tree.add(parent, name, this.#stat);
    if (this.#tree.states.isLinked(row)) this.#linked.add(this.#stat.inoApproximate);
    this.#tell(row, old);
    if (isOtherView) this.#otherViews.add(row);
    if (this.#isDirectory(row)) this.#enter(row);
  }

  /** Has a directory listed with all below, unless it is of a file system that the kernel makes up, or one that is entered elsewhere. */
  #enter(row: Row): void {
    const { states } = this.#tree;
    if (this.#otherViews.has(row) && this.#isSeenElsewhere(row)) return;
    this.#otherViews.delete(row);
    if (states.device(row) !== states.device(this.#tree.parent(row)) && this.#isPseudo(row)) return;
    this.list(row, true);
  }

  #isSeenElsewhere(row: Row): boolean {
    const inode = this.#tree.states.inodeApproximate(row);
    return [...this.#tree.withInode(inode)].some((other) => other !== row && this.#tree.states.isSameFile(other, this.#stat));
  }

  #isPseudo(row: Row): boolean {
    let is = false;
    // What cannot be opened cannot be listed either.
    this.#attempt(() => {
      using directory = this.#disk.open(row);
      is = directory !== undefined && system().isPseudoFileSystem(directory);
    });
    return is;
  }

  /** The row of a file that was known at another place, and whether it is there still, as a hard link or another view is. */
  #elsewhere(parent: Row, found: Stat): { readonly row: Row; readonly isHeld: boolean } | undefined {
    const { states } = this.#tree;
    const isDirectory = found.kind === 'directory';
    let held: Row | undefined;
    for (const row of this.#tree.withInode(found.inoApproximate)) {
      if (row === TOP ? !states.isSameFile(row, found) : !states.isRecognised(row, found)) continue;
      // Of a file whose old directory is not where it was it cannot be said that it has left; a directory is in one place.
      const holds = row === TOP || (this.#absent.has(row) ? false : (this.#disk.holds(row) ?? !isDirectory));
      if (!holds && !this.#tree.isBelow(parent, row)) return { row, isHeld: false };
      if (holds) held = row;
    }
    return held === undefined || !isDirectory ? undefined : { row: held, isHeld: true };
  }

  /** A change through one link shows under the others too. */
  #lookAtLinks(inode: number): void {
    for (const row of [...this.#tree.withInode(inode)]) {
      const name = this.#tree.name(row);
      const parent = this.#tree.parent(row);
      this.#attempt(() => {
        using directory = this.#disk.open(parent);
        if (directory?.stat(name, this.#stat) !== true || !this.#tree.states.isSameFile(row, this.#stat)) return;
        if (this.#tree.states.differs(row, this.#stat)) this.#change(row, this.#stat);
      });
    }
  }

  *#remove(row: Row): Generator<Change | undefined> {
    for (const child of [...this.#tree.children(row).values()]) yield* this.#remove(child);
    this.#gone(row);
    yield* this.#take();
  }

  #removeBelow(row: Row): void {
    for (const child of [...this.#tree.children(row).values()]) {
      this.#removeBelow(child);
      this.#gone(child);
    }
  }

  #gone(row: Row): void {
    const path = this.#tree.path(row);
    this.#changes.push(new ToldChange(path, this.#leave(row), undefined, this.#isFirst));
  }

  /** What was known of what is gone. */
  #leave(row: Row): FileState {
    const { states } = this.#tree;
    const old = states.get(row);
    if (states.isLinked(row)) this.#linked.add(states.inodeApproximate(row));
    this.#absent.delete(row);
    this.#otherViews.delete(row);
    this.#tree.remove(row);
    return old;
  }

  #tell(row: Row, old: FileState | undefined, from?: ByteName): void {
    this.#changes.push(new ToldChange(this.#tree.path(row), old, this.#tree.states.get(row), this.#isFirst, from));
  }

  #isDirectory(row: Row): boolean {
    return this.#tree.has(row) && this.#tree.states.isDirectory(row);
  }

  /** What cannot be looked at stays as it was known. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#parts.onError(error);
    }
  }
}
