import type { Digest } from '../hash/types.ts';
import type { BlockSource, LendBlocks } from './types.ts';

/** `BlockSource.lend` for sources that have no more to offer than `getBatch`. */
export async function lendOneByOne(
  source: Pick<BlockSource, 'getBatch'>,
  digests: readonly Digest[],
  take: LendBlocks,
  signal?: AbortSignal,
): Promise<void> {
  for (const [i, block] of (await source.getBatch(digests, signal)).entries()) take(i, block, [block.length]);
}
