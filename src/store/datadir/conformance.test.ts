import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { Digest } from '../../hash/types.ts';
import { storeConformance } from '../conformance.ts';
import type { Store } from '../types.ts';
import { Datadir } from './datadir.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-conformance-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
let count = 0;

storeConformance('datadir', {
  open: async (hash) =>
    new Datadir(path.join(folder, String(count++)), {
      create: { hash, chunking: { minBytes: 8192, targetBytes: 32768, maxBytes: 131072 } },
    }),
  reopen: async (store) => new Datadir((store as Datadir).layout.root),
  damage: flipPayload,
  unreachable: async () => new Datadir(path.join(folder, 'absent')),
});

/** Flips a bit in the last byte of the record that holds the block, which is its payload's. */
async function flipPayload(store: Store, digest: Digest): Promise<void> {
  const { layout, index } = store as Datadir;
  const location = index.find(digest.subarray(2), () => true);
  if (location === undefined) throw new Error('the block is not in the index');
  const fd = fs.openSync(layout.growing(location.segment), 'r+');
  const byte = new Uint8Array(1);
  const at = location.offset + location.recordBytes - 1;
  fs.readSync(fd, byte, 0, 1, at);
  fs.writeSync(fd, Uint8Array.of((byte[0] as number) ^ 1), 0, 1, at);
  fs.closeSync(fd);
}
