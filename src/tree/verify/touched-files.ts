import { VarveError } from '../../base/errors.ts';
import { showName } from '../../base/names.ts';
import { decodeIndirectBlock } from '../../block/indirect-block.ts';
import type { BlockSource, Ref } from '../../block/types.ts';
import { digestKey } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { decodeDirectoryNode } from '../directory-node.ts';
import { decodeRoot } from '../root-block.ts';
import type { Entry } from '../types.ts';

/** What of a directory node, or of a file's content, is touched: paths below it; `whole` when it cannot be read at all. */
type Touched = readonly string[] | 'whole';

/**
 * Finds the files of trees that damage touches. A directory that several revisions share is looked through once.
 */
export class TouchedFiles {
  readonly #source: BlockSource;
  readonly #isSound: (digest: Digest) => boolean;
  readonly #nodes = new Map<string, Touched>();

  constructor(source: BlockSource, isSound: (digest: Digest) => boolean) {
    this.#source = source;
    this.#isSound = isSound;
  }

  /** The paths in a tree that cannot be read whole; `.` for the tree itself. */
  async in(tree: Digest): Promise<readonly string[]> {
    const block = await this.#read(tree);
    if (block === undefined) return ['.'];
    const root = decoded(() => decodeRoot(block));
    if (root === undefined) return ['.'];
    const touched = await this.#entry(root);
    return touched === 'whole' ? ['.'] : touched;
  }

  async #entry(entry: Entry): Promise<Touched> {
    if (entry.content === undefined) return [];
    if (entry.kind === 'directory') return entry.content.kind === 'block' ? this.#node(entry.content.digest) : 'whole';
    return (await this.#isWhole(entry.content)) ? [] : 'whole';
  }

  async #node(digest: Digest): Promise<Touched> {
    const key = digestKey(digest);
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const touched = await this.#lookThrough(digest);
    this.#nodes.set(key, touched);
    return touched;
  }

  async #lookThrough(digest: Digest): Promise<Touched> {
    const block = await this.#read(digest);
    if (block === undefined) return 'whole';
    const node = decoded(() => decodeDirectoryNode(block));
    if (node === undefined) return 'whole';
    const paths: string[] = [];
    if ('children' in node) {
      for (const { ref, lastName } of node.children) {
        const below = await this.#node(ref.digest);
        if (below === 'whole') paths.push(`(the entries up to ${showName(lastName)})`);
        else paths.push(...below);
      }
      return paths;
    }
    for (const entry of node.entries) {
      const below = await this.#entry(entry);
      const shown = showName(entry.name);
      if (below === 'whole') paths.push(shown);
      else for (const path of below) paths.push(`${shown}/${path}`);
    }
    return paths;
  }

  async #isWhole(ref: Ref): Promise<boolean> {
    if (ref.kind === 'slice') return this.#isWhole(ref.of);
    if (ref.kind === 'block') return this.#isSound(ref.digest);
    if (ref.kind !== 'tree') return true;
    const block = await this.#read(ref.digest);
    if (block === undefined) return false;
    const indirect = decoded(() => decodeIndirectBlock(ref, block));
    if (indirect === undefined) return false;
    for (const child of indirect.children) if (!(await this.#isWhole(child))) return false;
    return true;
  }

  async #read(digest: Digest): Promise<Uint8Array | undefined> {
    try {
      return this.#isSound(digest) ? await this.#source.get(digest) : undefined;
    } catch (error) {
      if (error instanceof VarveError) return undefined;
      throw error;
    }
  }
}

/** A block may be sound, and yet not what the one above it takes it for. */
function decoded<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof VarveError) return undefined;
    throw error;
  }
}
