import { VarveError } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import { type RangeOptions, RefReader } from '../block/ref-reader.ts';
import type { BlockRef, BlockSource } from '../block/types.ts';
import type { Digest } from '../hash/types.ts';
import { DirectoryReader } from './directory-reader.ts';
import type { Entry } from './types.ts';

/** An entry as a view shows it. A live file has a `size` and no `content`, since nobody has read it yet. */
export type ViewEntry = Entry & {
  readonly size?: number;
  /** Of a file's bytes as a whole, where it is known. */
  readonly digest?: Digest;
  /** The view does not know everything: extended attributes, a link's target and a device's number may be missing, and the bytes of a file without `content`. */
  readonly isPartial?: boolean;
  /** Of a directory: nobody knows what is in it, and so nothing is shown. */
  readonly isUnlisted?: boolean;
  /** Of such a directory: nobody wants to know, since it is one of Varve's own, or the top of a file system that is passed over. */
  readonly isPassedOver?: boolean;
};

/** Whether nobody has looked into a directory though they wanted to. */
export function isUnknown({ isUnlisted, isPassedOver }: ViewEntry): boolean {
  return isUnlisted === true && isPassedOver !== true;
}

/**
 * A tree that can be listed and read, be it stored or live on disk. `path` is always that of the entry from the top of the view: names
 * joined by slashes, empty for the top itself.
 */
export interface TreeView {
  readonly root: ViewEntry;
  /** The entries of a directory, in order of the bytes of their names, in batches. */
  entries(directory: ViewEntry, path: ByteName, signal?: AbortSignal): AsyncIterable<readonly ViewEntry[]>;
  /** The bytes of a file. */
  read(file: ViewEntry, path: ByteName, range?: RangeOptions): AsyncIterable<Uint8Array>;
  /** Told that these directories will be listed soon, in this order; never fails. */
  willList?(directories: readonly ViewEntry[]): void;
}

/** Content was asked of what has none. */
export class NotAFileError extends VarveError {
  constructor(path: string, kind: string) {
    super('NOT_A_FILE', `${path} is a ${kind}`, { advice: kind === 'directory' ? 'List it with: varve ls' : 'Only files have content.' });
  }
}

/**
 * A tree in a store. Its readers keep what they have decoded, so one instance should serve all work on a tree, and on others of the same
 * store: see `at`.
 */
export class StoredTree implements TreeView {
  readonly root: Entry;
  readonly directories: DirectoryReader;
  readonly contents: RefReader;

  constructor(source: BlockSource, root: Entry, readers?: { readonly directories: DirectoryReader; readonly contents: RefReader }) {
    this.root = root;
    this.directories = readers?.directories ?? new DirectoryReader(source);
    this.contents = readers?.contents ?? new RefReader(source);
  }

  /** Another tree of the same store, or a part of this one, that shares the readers. */
  at(root: Entry): StoredTree {
    return new StoredTree(this.directories.source, root, this);
  }

  entries(directory: ViewEntry, _path?: ByteName, signal?: AbortSignal): AsyncIterable<readonly Entry[]> {
    return this.directories.entries(directory.content as BlockRef, signal ? { signal } : {});
  }

  read(file: ViewEntry, path: ByteName, range?: RangeOptions): AsyncIterable<Uint8Array> {
    if (file.kind !== 'file' || file.content === undefined) throw new NotAFileError(`/${path}`, file.kind);
    return this.contents.stream(file.content, range);
  }

  willList(directories: readonly ViewEntry[]): void {
    // What goes wrong shows when the directory is listed.
    this.directories.nodes(directories.map(({ content }) => content as BlockRef)).catch(() => {});
  }
}

/** The size of a file's content; 0 for everything else. */
export function sizeOf(entry: ViewEntry): number {
  return entry.kind === 'file' ? (entry.content?.size ?? entry.size ?? 0) : 0;
}

/** The path of an entry in the directory at `parent`. */
export function joinPath(parent: ByteName, name: ByteName): ByteName {
  return parent === '' ? name : (`${parent}/${name}` as ByteName);
}

/** The last name of a path; empty for the top. */
export function lastName(path: ByteName): ByteName {
  return path.slice(path.lastIndexOf('/') + 1) as ByteName;
}

/** The path of the directory that a path is in; empty for the top. */
export function parentPath(path: ByteName): ByteName {
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) as ByteName;
}
