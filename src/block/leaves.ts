import { firstIndex } from '../base/first-index.ts';
import { type IndirectBlock, isLeafRef } from './indirect-block.ts';
import type { IndirectCache } from './indirect-cache.ts';
import { sliceRef } from './slice.ts';
import type { LeafRef, Ref, TreeRef } from './types.ts';

/** A piece of a sequence: `offset` is where it begins in it, `ref.size` how long it is. */
export interface Leaf {
  readonly offset: number;
  readonly ref: LeafRef;
}

/** Indirect blocks fetched at once: one at depth 1 is about 10 MiB of content, so this is far ahead of any reader. */
const GROUP = 4;

/**
 * The pieces that make up bytes `from` to `to` of `ref`, in order, in batches of at most MAX_CHILDREN: each goes to the next, the first and
 * the last are cut to the range. Offsets count from the beginning of `ref`. Indirect blocks are fetched as the consumer goes on. Throws
 * FormatError, and the source's errors.
 */
export async function* leavesOf(cache: IndirectCache, ref: Ref, from: number, to: number, signal?: AbortSignal): AsyncGenerator<Leaf[]> {
  if (from < to) yield* descend(cache, ref, { from, to, base: 0 }, signal);
}

/**
 * The one piece that holds bytes `from` to `to`, cut to them, if it is found by what is in the cache; undefined when blocks must be fetched
 * first, or the range spans several pieces. Synchronous, for small reads at random places.
 */
export function cachedLeaf(cache: IndirectCache, ref: Ref, from: number, to: number): LeafRef | undefined {
  if (ref.kind === 'slice') return cachedLeaf(cache, ref.of, ref.offset + from, ref.offset + to);
  if (ref.kind !== 'tree') return sliceRef(ref, from, to - from) as LeafRef;
  const block = cache.find(ref);
  if (block === undefined) return undefined;
  const i = firstEndBeyond(block.ends, from);
  if (to > (block.ends[i] as number)) return undefined;
  const start = i === 0 ? 0 : (block.ends[i - 1] as number);
  return cachedLeaf(cache, block.children[i] as Ref, from - start, to - start);
}

/** The range within a ref, and where the ref begins in the whole sequence. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly base: number;
}

async function* descend(cache: IndirectCache, ref: Ref, range: Range, signal: AbortSignal | undefined): AsyncGenerator<Leaf[]> {
  if (isLeafRef(ref)) {
    yield [cutLeaf(ref, range)];
  } else if (ref.kind === 'slice') {
    const { from, to, base } = range;
    yield* descend(cache, ref.of, { from: ref.offset + from, to: ref.offset + to, base: base - ref.offset }, signal);
  } else {
    const [block] = await cache.load([ref as TreeRef], signal);
    yield* descendInto(cache, block as IndirectBlock, range, signal);
  }
}

async function* descendInto(
  cache: IndirectCache,
  block: IndirectBlock,
  range: Range,
  signal: AbortSignal | undefined,
): AsyncGenerator<Leaf[]> {
  const first = firstEndBeyond(block.ends, range.from);
  const last = firstEndBeyond(block.ends, range.to - 1);
  if (block.depth === 1) {
    const leaves: Leaf[] = [];
    for (let i = first; i <= last; i++) leaves.push(cutLeaf(block.children[i] as LeafRef, rangeOfChild(block, i, range)));
    yield leaves;
    return;
  }
  for (let start = first; start <= last; start += GROUP) {
    const end = Math.min(start + GROUP, last + 1);
    const below = await cache.load(block.children.slice(start, end) as TreeRef[], signal);
    for (let i = start; i < end; i++) yield* descendInto(cache, below[i - start] as IndirectBlock, rangeOfChild(block, i, range), signal);
  }
}

function rangeOfChild(block: IndirectBlock, i: number, { from, to, base }: Range): Range {
  const start = i === 0 ? 0 : (block.ends[i - 1] as number);
  const end = block.ends[i] as number;
  return { from: Math.max(from, start) - start, to: Math.min(to, end) - start, base: base + start };
}

function cutLeaf(ref: LeafRef, { from, to, base }: Range): Leaf {
  return { offset: base + from, ref: sliceRef(ref, from, to - from) as LeafRef };
}

/** The first index whose end lies beyond `offset`; the last one where none does. */
function firstEndBeyond(ends: Float64Array, offset: number): number {
  return firstIndex(ends.length - 1, (at) => (ends[at] as number) > offset);
}
