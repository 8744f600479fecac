import { hasErrno } from '../base/errors.ts';
import { keptIf } from '../base/kept-if.ts';
import { type ByteName, showName } from '../base/names.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import type { Directory } from '../sys/types.ts';
import { TopGoneError } from './errors.ts';
import { type KnownTree, type Row, TOP } from './known-tree.ts';

const SELF = '.' as ByteName;
const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE'];

/** Directories of the tree on disk, each opened by its path and then recognised, since its path may lead elsewhere by now. */
export class Disk {
  readonly #tree: KnownTree;
  readonly #top: ByteName;
  readonly #stat = new Stat();

  constructor(tree: KnownTree, top: ByteName) {
    this.#tree = tree;
    this.#top = top;
  }

  /** Undefined when it is not where it was. The caller closes it. Throws SystemError, and TopGoneError of the top. */
  open(row: Row): Directory | undefined {
    const opened = this.#openPath(this.pathOf(row));
    const directory = opened && keptIf(opened, () => opened.stat(SELF, this.#stat) && this.#tree.states.isSameFile(row, this.#stat));
    if (directory === undefined && row === TOP) throw new TopGoneError(showName(this.#top));
    return directory;
  }

  /** Throws TopGoneError unless the top is where it was. */
  checkTop(): void {
    this.open(TOP)?.close();
  }

  /** Whether a file is at its place still; undefined when its directory is not where it was, or cannot be looked into. */
  holds(row: Row): boolean | undefined {
    try {
      using directory = this.open(this.#tree.parent(row));
      if (directory === undefined) return undefined;
      return directory.stat(this.#tree.name(row), this.#stat) && this.#tree.states.isSameFile(row, this.#stat);
    } catch (error) {
      if (hasErrno(error, 'EACCES', 'EIO', 'EPERM')) return undefined;
      throw error;
    }
  }

  pathOf(row: Row): ByteName {
    const path = this.#tree.path(row);
    if (path === '') return this.#top;
    return (this.#top.endsWith('/') ? this.#top + path : `${this.#top}/${path}`) as ByteName;
  }

  /** The path below the top; undefined when it is not below. */
  below(path: ByteName): ByteName | undefined {
    if (path === this.#top) return '' as ByteName;
    const start = this.#top.endsWith('/') ? this.#top : `${this.#top}/`;
    return path.startsWith(start) ? (path.slice(start.length) as ByteName) : undefined;
  }

  #openPath(path: ByteName): Directory | undefined {
    try {
      return system().openDirectory(path);
    } catch (error) {
      if (hasErrno(error, ...GONE)) return undefined;
      throw error;
    }
  }
}
