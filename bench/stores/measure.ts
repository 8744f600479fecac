import type { Digest } from '../../src/hash/types.ts';
import type { Store } from '../../src/store/types.ts';

/** What a store is given: `blocks` blocks of `blockBytes`, of which every fourth cannot be compressed. */
export interface Load {
  readonly blocks: number;
  readonly blockBytes: number;
}

/** How fast one operation was. */
export interface Rate {
  readonly operation: string;
  readonly blocksPerSecond: number;
  readonly bytesPerSecond: number;
}

const BATCH = 256;

/** Measures each operation of the store interface on a new, empty store, which is closed; `reopen` gives another instance of it where there is more than one. */
export async function measureStore(store: Store, load: Load, reopen?: (store: Store) => Store): Promise<Rate[]> {
  const rates: Rate[] = [];
  const blocks = Array.from({ length: load.blocks }, (_, i) => makeBlock(i, load.blockBytes));
  const measure = async (operation: string, work: () => Promise<unknown>): Promise<void> => {
    const begun = performance.now();
    await work();
    const seconds = (performance.now() - begun) / 1000;
    rates.push({ operation, blocksPerSecond: load.blocks / seconds, bytesPerSecond: (load.blocks * load.blockBytes) / seconds });
  };
  const digests: Digest[] = [];
  await measure('add new, flush', async () => {
    for (const batch of inBatches(blocks)) digests.push(...(await store.addBatch(batch)));
    await store.flush();
  });
  await measure('add known', async () => {
    for (const batch of inBatches(blocks)) await store.addBatch(batch);
    await store.flush();
  });
  const absent = blocks.map((block) => store.hash.hash(block.subarray(1)));
  await measure('has, absent', () => store.hasBatch(absent));
  await measure('has, present', () => store.hasBatch(digests));
  await store.flush();
  const reader = reopen === undefined ? store : reopen(store);
  await measure('get in order', async () => {
    for (const batch of inBatches(digests)) await reader.getBatch(batch);
  });
  await measure('lend in order', async () => {
    for (const batch of inBatches(digests)) await reader.lend(batch, () => undefined);
  });
  await measure('list', async () => {
    for await (const _ of reader.list()) {
    }
  });
  if (reader !== store) await reader.close();
  await store.close();
  return rates;
}

function* inBatches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH);
}

/** The same bytes for the same number, so that runs can be compared: text that compresses some three times, or the output of a generator (xorshift32). */
function makeBlock(number: number, size: number): Uint8Array {
  const block = Buffer.alloc(size);
  let state = number * 2_654_435_761 + 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  if (number % 4 === 0) for (let at = 0; at + 4 <= size; at += 4) block.writeUInt32LE(next(), at);
  else for (let at = 0; at < size; at += 16) block.write(`${(next() % 100_000).toString().padStart(6)} some word`.slice(0, 16), at);
  return block;
}
