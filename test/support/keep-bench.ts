import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Keeper, type KeeperOptions } from '../../src/catalogue/keep/keeper.ts';
import type { FileAnswer } from '../../src/catalogue/keep/types.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import type { HashAlgorithm } from '../../src/hash/types.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { scratchFolder } from './scratch.ts';

export const CHUNKING = { minBytes: 4 << 10, targetBytes: 16 << 10, maxBytes: 64 << 10 };

/** A store on disk, who keeps contents in it, and a folder of live files; all of it goes with the test. */
export interface KeepBench {
  readonly folder: string;
  readonly store: Datadir;
  readonly keeper: Keeper;
}

export function keepBench(context: TestContext, options: KeeperOptions & { readonly hash?: HashAlgorithm } = {}): KeepBench {
  const folder = scratchFolder(context);
  const store = new Datadir(join(folder, 'store'), { create: { hash: options.hash ?? blake3, chunking: CHUNKING }, segmentBytes: 1 << 20 });
  const keeper = new Keeper({ store, threads: 2, ...options });
  context.after(async () => {
    await keeper.close();
    await store.close();
  });
  fs.mkdirSync(join(folder, 'live'));
  return { folder: join(folder, 'live'), store, keeper };
}

export function hashed(answer: FileAnswer | undefined): FileAnswer & { readonly kind: 'hashed' } {
  assert.equal(answer?.kind, 'hashed');
  return answer as FileAnswer & { readonly kind: 'hashed' };
}
