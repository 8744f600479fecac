import type { ByteName } from '../../base/names.ts';
import { countOf } from '../directory-writer.ts';
import type { Entry } from '../types.ts';
import { joinPath, type StoredTree } from '../view.ts';
import { BlockSet, Meter, type Tally } from './meter.ts';

/** What a directory, or a single file that is the top, takes up. */
export interface Usage extends Readonly<Tally> {
  readonly path: ByteName;
  readonly entry: Entry;
  /** 0 for the top. */
  readonly depth: number;
  /** Entries below that are not directories, and the sum of their sizes. */
  readonly files: number;
  readonly bytes: number;
  /**
   * Blocks that none of the other trees needs, nodes of directories included, before compression; each once, where it was met first. About
   * so much would be freed if this tree were forgotten and the others kept.
   */
  readonly uniqueBytes: number;
  /** Content that another tree has, too. */
  readonly sharedBytes: number;
}

export interface UsageOptions {
  /** The trees to hold this one against; they share its store. Without any, every block is unique. */
  readonly others?: readonly StoredTree[];
  /** Report directories down to this depth; 0 is the top alone. Everything when left out. */
  readonly maxDepth?: number;
  readonly signal?: AbortSignal;
}

interface Frame extends Tally {
  readonly path: ByteName;
  readonly entry: Entry;
  readonly depth: number;
  readonly below: Entry[];
}

/**
 * The usage of the directories of a tree, each after those in it, the top last (T13: `du`). Below `maxDepth`, subtrees that another tree
 * has are known by their digests and not opened; so once the others are known, which costs what they do not share among each other, the
 * cost follows what is unique. Memory follows the number of distinct blocks.
 */
export async function* usageOf(tree: StoredTree, options: UsageOptions = {}): AsyncGenerator<Usage> {
  const { others = [], maxDepth = Number.POSITIVE_INFINITY, signal } = options;
  const shared = new BlockSet();
  for (const other of others) await new Meter(other, new BlockSet(), shared, signal).count(other.root, { uniqueBytes: 0, sharedBytes: 0 });
  const meter = new Meter(tree, shared, new BlockSet(), signal);
  const open = async (path: ByteName, entry: Entry, depth: number): Promise<Frame> => {
    const tally = { uniqueBytes: 0, sharedBytes: 0 };
    const opened = entry.kind === 'directory' && depth < maxDepth;
    const below = opened ? await meter.countOwn(entry, tally) : [];
    if (!opened) await meter.count(entry, tally);
    return { path, entry, depth, below: below.reverse(), ...tally };
  };
  const stack = [await open('' as ByteName, tree.root, 0)];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const next = frame.below.pop();
    if (next) {
      stack.push(await open(joinPath(frame.path, next.name), next, frame.depth + 1));
      continue;
    }
    stack.pop();
    const { path, entry, depth, uniqueBytes, sharedBytes } = frame;
    const parent = stack.at(-1);
    if (parent) {
      parent.uniqueBytes += uniqueBytes;
      parent.sharedBytes += sharedBytes;
    }
    yield { path, entry, depth, ...countOf(entry), uniqueBytes, sharedBytes };
  }
}
