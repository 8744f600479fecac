import { decode } from 'cborg';
import { hashOfDigest } from './digests.ts';

type Blocks = ReadonlyMap<string, Uint8Array>;
type Item = number | boolean | string | Uint8Array | readonly Item[] | ReadonlyMap<number, Item>;

/** An entry of a stored tree, as far as the tests look at it. */
export interface FoundEntry {
  /** st_mode, kind included. */
  readonly mode: number;
  readonly mtime: readonly [seconds: number, nanoseconds: number];
  readonly uid: number;
  readonly gid: number;
  /** The bytes of a file, the target of a symlink. */
  readonly content?: Buffer;
  /** Of a directory: what its entry says of all that is below. */
  readonly summary?: { readonly files: number; readonly bytes: number };
  readonly identity?: string;
  readonly fields: ReadonlyMap<number, Item>;
}

/** A block of more than one part: its children's hashes, in order, for the tests of where blocks end. */
export interface FoundNode {
  readonly type: 'refs' | 'dir';
  /** Depth of an indirect block, level of a node of a directory. */
  readonly height: number;
  /** Hash of the block or block tree that a child is, '' for others; of nodes of directories the last names. */
  readonly children: readonly string[];
}

/** Reads a tree as docs/formats.md describes it, from nothing but blocks by their bare hashes. */
export class TreeOfBlocks {
  readonly #blocks: Blocks;
  /** By path; the root is ''. Names are in latin1. */
  readonly entries = new Map<string, FoundEntry>();
  /** All nodes met, group by group: those that one node above lists, in order. */
  readonly nodes: FoundNode[][] = [];

  constructor(blocks: Blocks, root: string) {
    this.#blocks = blocks;
    const [type, version, owners, indexes, entry] = this.#read(root) as [string, number, Item[][], Item[], Item[]];
    if (type !== 'root' || version !== 1 || owners.length !== 1 || indexes.length !== 0) throw new Error('root');
    this.#entry('', entry, owners[0] as Item[]);
  }

  #read(hash: string): Item[] {
    const block = this.#blocks.get(hash);
    if (block === undefined) throw new Error(`no block ${hash}`);
    return decode(block, { useMaps: true, strict: true }) as Item[];
  }

  #entry(path: string, items: readonly Item[], [uid, gid]: readonly Item[]): void {
    const [mode, seconds, nanoseconds, ...rest] = items as [number, number, number, ...Item[]];
    const last = rest.at(-1);
    const fields = last instanceof Map ? (rest.pop() as ReadonlyMap<number, Item>) : new Map<number, Item>();
    const identity = fields.get(2) as Uint8Array | undefined;
    const kind = mode >>> 12;
    const found = {
      mode,
      mtime: [seconds, nanoseconds] as const,
      uid: uid as number,
      gid: gid as number,
      fields,
      ...(identity && { identity: Buffer.from(identity).toString('hex') }),
    };
    if (kind === 0o04) {
      const [, digest, files, bytes] = rest as [number, Uint8Array, number, number];
      this.entries.set(path, { ...found, summary: { files, bytes } });
      const group: FoundNode[] = [];
      this.nodes.push(group);
      this.#directory(path, hashOfDigest(digest), group);
    } else {
      const content = kind === 0o10 ? this.#content(rest[0] as Item) : kind === 0o12 ? Buffer.from(rest[0] as Uint8Array) : undefined;
      this.entries.set(path, { ...found, ...(content && { content }) });
    }
  }

  #directory(path: string, hash: string, group: FoundNode[]): void {
    const [type, version, level, ...rest] = this.#read(hash) as [string, number, number, ...Item[]];
    if (type !== 'dir' || version !== 1) throw new Error('directory');
    if (level === 0) return this.#leaf(path, rest as never, group);
    const children = rest[0] as Item[];
    const names: string[] = [];
    const below: FoundNode[] = [];
    this.nodes.push(below);
    for (let i = 0; i < children.length; i += 6) {
      names.push(Buffer.from(children[i] as Uint8Array).toString('latin1'));
      this.#directory(path, hashOfDigest(children[i + 2] as Uint8Array), below);
    }
    group.push({ type: 'dir', height: level, children: names });
  }

  #leaf(path: string, [owners, indexes, items]: [Item[][], number[], Item[]], group: FoundNode[]): void {
    const names: string[] = [];
    for (let i = 0; i < items.length; i += 2) {
      const name = Buffer.from(items[i] as Uint8Array).toString('latin1');
      names.push(name);
      this.#entry(path === '' ? name : `${path}/${name}`, items[i + 1] as Item[], owners[indexes[i / 2] ?? 0] as Item[]);
    }
    group.push({ type: 'dir', height: 0, children: names });
  }

  /** The bytes that a ref stands for. */
  #content(ref: Item, group: FoundNode[] = []): Buffer {
    if (ref instanceof Uint8Array) return Buffer.from(ref);
    const [kind, size, third, fourth] = ref as [number, number, Uint8Array & number, Item];
    const bytes = this.#contentOfKind(kind, size, third, fourth, group);
    if (bytes.length !== size) throw new Error('size of a ref');
    return bytes;
  }

  #contentOfKind(kind: number, size: number, third: Uint8Array & number, fourth: Item, group: FoundNode[]): Buffer {
    if (kind === 0) return Buffer.from(this.#blocks.get(hashOfDigest(third)) as Uint8Array);
    if (kind === 2) return Buffer.alloc(size, third);
    if (kind === 3) return Buffer.alloc(size);
    if (kind === 4) return this.#content(fourth).subarray(third, third + size);
    const [type, version, depth, refs] = this.#read(hashOfDigest(third)) as [string, number, number, Item[]];
    if (kind !== 1 || type !== 'refs' || version !== 1 || depth !== fourth) throw new Error('block tree');
    const below: FoundNode[] = [];
    this.nodes.push(below);
    const bytes = Buffer.concat(refs.map((child) => this.#content(child, below)));
    group.push({ type: 'refs', height: depth, children: refs.map(hashOfChild) });
    return bytes;
  }
}

function hashOfChild(ref: Item): string {
  const [kind, , digest] = ref instanceof Uint8Array ? [] : (ref as [number, number, Uint8Array]);
  return (kind === 0 || kind === 1) && digest ? hashOfDigest(digest) : '';
}
