import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameFromText } from '../../src/base/names.ts';
import { DirectoryReader } from '../../src/tree/directory-reader.ts';
import { comparable } from '../support/comparable.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { noise } from '../support/nasty/make.ts';
import { Workbench } from './workbench.ts';

const runs = Number(process.env.VARVE_ROUND_TRIP_LARGE_RUNS ?? 4);
const MEBIBYTE = 1 << 20;
/** Of what is shared among threads, and of the part that each gets (src/tree/save/large-file.ts). */
const LARGE_BYTES = 64 * MEBIBYTE;
const EXTENT_BYTES = 32 * MEBIBYTE;

const unique = noise(8 * MEBIBYTE, 99);

/** A stretch of a file. */
type Part =
  | { readonly kind: 'noise'; readonly bytes: number; readonly from: number }
  | { readonly kind: 'run'; readonly bytes: number; readonly byte: number }
  | { readonly kind: 'period'; readonly bytes: number; readonly period: number };

const bytes = fc.oneof(fc.nat(3 * MEBIBYTE), fc.nat(40 * MEBIBYTE), fc.constantFrom(4095, 4096, EXTENT_BYTES, EXTENT_BYTES - 1));
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant('noise' as const), bytes, from: fc.nat(MEBIBYTE) }),
  fc.record({ kind: fc.constant('run' as const), bytes, byte: fc.constantFrom(0, 255) }),
  fc.record({ kind: fc.constant('period' as const), bytes, period: fc.constantFrom(2, 1000, 4096, 100_000) }),
);

/** At least LARGE_BYTES and, by what is appended, not much more. */
function write(path: string, parts: readonly Part[]): void {
  const fd = fs.openSync(path, 'w');
  let written = 0;
  const append = (piece: Uint8Array) => {
    written += fs.writeSync(fd, piece);
  };
  for (const each of parts) {
    if (written > 2.5 * LARGE_BYTES) break;
    if (each.kind === 'run') append(Buffer.alloc(each.bytes, each.byte));
    else if (each.kind === 'period') append(Buffer.alloc(each.bytes, unique.subarray(0, each.period)));
    else for (let left = each.bytes; left > 0; left -= unique.length) append(unique.subarray(each.from % 1000).subarray(0, left));
  }
  if (written < LARGE_BYTES) append(Buffer.alloc(LARGE_BYTES - written + 1, unique));
  fs.closeSync(fd);
}

/** What was changed just now is read by one thread alone. */
function untilShared(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 150));
}

test('a large file has one digest, whether one thread cut it or several did', async (context) => {
  const bench = new Workbench(context);
  const path = join(bench.source, 'large');
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
      write(path, parts);
      await untilShared();
      const [shared, local] = [await bench.save({ threads: 2 }), await bench.save({ threads: 0 })];
      assert.equal(shared.tree, local.tree, 'by two threads and by none');
      // A single file is read by one thread from its beginning to its end.
      const { content } = await bench.root((await bench.save({ source: path })).tree);
      const { content: folder } = await bench.root(shared.tree);
      assert.ok(folder?.kind === 'block');
      const entry = await new DirectoryReader(bench.store).lookup(folder, nameFromText('large'));
      assert.deepEqual(comparable(entry?.content), comparable(content), 'as one thread cuts it');
      const target = bench.target();
      await bench.restore(shared.tree, target, { threads: 2 });
      assert.deepEqual(compareTrees(bench.source, target), []);
      fs.rmSync(target, { recursive: true });
    }),
    { numRuns: runs },
  );
});

test('a large file that changed in a few places is restored by writing it anew beside the old one, taking from that what is right', async (context) => {
  const bench = new Workbench(context);
  const path = join(bench.source, 'large');
  write(path, [
    { kind: 'noise', bytes: 3 * MEBIBYTE, from: 0 },
    { kind: 'run', bytes: MEBIBYTE, byte: 0 },
    { kind: 'noise', bytes: 2 * MEBIBYTE, from: 7 },
  ]);
  fs.truncateSync(path, 6 * MEBIBYTE);
  const { saved, target } = await bench.roundTrip();
  const restored = join(target, 'large');
  for (const change of [
    () => fs.writeSync(fs.openSync(restored, 'r+'), 'changed', 2 * MEBIBYTE),
    () => fs.truncateSync(restored, 3 * MEBIBYTE + 1),
    () => fs.appendFileSync(restored, 'more'),
    () => fs.writeFileSync(restored, Buffer.alloc(5 * MEBIBYTE, 'x')),
  ]) {
    change();
    const read = bench.store.counters.readBytes;
    await bench.restore(saved.tree, target, { checksum: true });
    assert.deepEqual(compareTrees(bench.source, target), []);
    assert.ok(bench.store.counters.readBytes - read < 7 * MEBIBYTE);
  }
});
