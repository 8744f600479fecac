import type { ByteName } from '../base/names.ts';
import type { Stat } from '../sys/stat.ts';
import { StateTable } from './state-table.ts';

/** A file or directory of the tree; numbers of those that are gone are used again after `settle`. */
export type Row = number;

/** The top of the tree. */
export const TOP: Row = 0;

const NOTHING: ReadonlyMap<ByteName, Row> = new Map();
const GONE = -1;

/** What is known of a tree: names, states, and which rows are one inode. */
export class KnownTree {
  readonly states = new StateTable();
  /** Is called with each directory that is gone. */
  onDirectoryGone: (row: Row) => void = () => {};
  readonly #names: ByteName[] = [];
  readonly #parents: Row[] = [];
  readonly #children = new Map<Row, Map<ByteName, Row>>();
  /** The row of an inode that was met last, and behind it the one before. Inodes of other file systems may be among them. */
  readonly #inodes = new Map<number, Row>();
  readonly #sameInode = new Map<Row, Row>();
  #free: Row[] = [];
  #left: Row[] = [];

  constructor(top: Stat) {
    this.#put(GONE, '' as ByteName, top);
    this.#parents[TOP] = TOP;
  }

  has(row: Row): boolean {
    return this.#parents[row] !== GONE;
  }
  child(parent: Row, name: ByteName): Row | undefined {
    return this.#children.get(parent)?.get(name);
  }
  children(row: Row): ReadonlyMap<ByteName, Row> {
    return this.#children.get(row) ?? NOTHING;
  }
  parent(row: Row): Row {
    return this.#parents[row] as Row;
  }
  name(row: Row): ByteName {
    return this.#names[row] as ByteName;
  }

  /** Below the top, where it is empty. */
  path(row: Row): ByteName {
    const names: ByteName[] = [];
    for (let at = row; at !== TOP; at = this.parent(at)) names.push(this.name(at));
    return names.reverse().join('/') as ByteName;
  }

  /** The row at a path below the top, and if there is none, the last one on the way and the name behind it. */
  find(path: ByteName): { readonly row: Row; readonly next: ByteName | undefined } {
    let row = TOP;
    for (const name of path.split('/') as ByteName[]) {
      if (name === '') continue;
      const child = this.child(row, name);
      if (child === undefined) return { row, next: name };
      row = child;
    }
    return { row, next: undefined };
  }

  isBelow(row: Row, above: Row): boolean {
    let at = row;
    while (at !== above && at !== TOP) at = this.parent(at);
    return at === above;
  }

  /** Rows with the inode of a file; whether they are that file is to be asked of `states`. */
  *withInode(inodeApproximate: number): Generator<Row> {
    for (let row = this.#inodes.get(inodeApproximate); row !== undefined; row = this.#sameInode.get(row)) yield row;
  }

  add(parent: Row, name: ByteName, stat: Stat): Row {
    const row = this.#put(parent, name, stat);
    this.#link(parent, name, row);
    return row;
  }

  move(row: Row, parent: Row, name: ByteName): void {
    this.#unlink(row);
    this.#names[row] = name;
    this.#parents[row] = parent;
    this.#link(parent, name, row);
  }

  /** Of something in which nothing is. */
  remove(row: Row): void {
    if (this.states.isDirectory(row)) this.onDirectoryGone(row);
    this.#unlink(row);
    this.#children.delete(row);
    this.#forgetInode(row);
    this.#names[row] = '' as ByteName;
    this.#parents[row] = GONE;
    this.#left.push(row);
  }

  /** Nobody remembers rows that are gone. */
  settle(): void {
    for (const row of this.#left) this.#free.push(row);
    this.#left = [];
  }

  #put(parent: Row, name: ByteName, stat: Stat): Row {
    const row = this.#free.pop() ?? this.#names.length;
    this.#names[row] = name;
    this.#parents[row] = parent;
    this.states.set(row, stat);
    const before = this.#inodes.get(stat.inoApproximate);
    if (before !== undefined) this.#sameInode.set(row, before);
    this.#inodes.set(stat.inoApproximate, row);
    return row;
  }

  #link(parent: Row, name: ByteName, row: Row): void {
    const names = this.#children.get(parent);
    if (names === undefined) this.#children.set(parent, new Map([[name, row]]));
    else names.set(name, row);
  }

  #unlink(row: Row): void {
    const parent = this.parent(row);
    const names = this.#children.get(parent);
    names?.delete(this.name(row));
    if (names?.size === 0) this.#children.delete(parent);
  }

  #forgetInode(row: Row): void {
    const inode = this.states.inodeApproximate(row);
    const next = this.#sameInode.get(row);
    this.#sameInode.delete(row);
    if (this.#inodes.get(inode) === row) {
      if (next === undefined) this.#inodes.delete(inode);
      else this.#inodes.set(inode, next);
      return;
    }
    for (const other of this.withInode(inode))
      if (this.#sameInode.get(other) === row) {
        if (next === undefined) this.#sameInode.delete(other);
        else this.#sameInode.set(other, next);
        return;
      }
  }
}
