import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, cutPieces } from './cut.ts';
import { type CutterOptions, createCutter } from './cutter.ts';
import { anyScanner } from './scanners/registry.ts';
import { sample, sampleNames } from './scanners/test-samples.ts';
import { corpus, corpusKinds, wordsOf } from './test-corpus.ts';
import type { Bounds, Piece } from './types.ts';
import { kernelModule } from './wasm.ts';

const RUNS = Number(process.env.VARVE_FUZZ_RUNS ?? 150);
const small: Bounds = { minBytes: 64, targetBytes: 256, maxBytes: 1024 };
const usual: Bounds = { minBytes: 1024, targetBytes: 4096, maxBytes: 16384 };
const runBytes = 128;

const anyBounds = fc
  .tuple(fc.integer({ min: 64, max: 300 }), fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 2000 }))
  .map(([minBytes, more, most]): Bounds => ({ minBytes, targetBytes: minBytes + more, maxBytes: minBytes + more + most }));
const anyBytes = fc
  .tuple(fc.constantFrom(...corpusKinds), fc.integer({ min: 0, max: 20000 }), fc.integer({ min: 1, max: 2 ** 30 }))
  .map(([kind, size, seed]) => corpus(kind, size, seed));

function inSlabs(bytes: Uint8Array, bounds: Bounds, seed: number, options: CutterOptions = {}): number[] {
  const next = wordsOf(seed);
  const cutter = createCutter(bounds, { runBytes, bufferBytes: 4096, ...options });
  const sizes: number[] = [];
  const drain = () => {
    for (let piece = cutter.next(); piece; piece = cutter.next()) sizes.push(piece.size);
  };
  for (let at = 0; at < bytes.length; ) {
    const count = Math.min(bytes.length - at, next() % (next() % 2 === 0 ? 8 : 4000));
    cutter.buffer(count).set(bytes.subarray(at, at + count));
    cutter.fed(count);
    at += count;
    drain();
  }
  cutter.finish();
  drain();
  return sizes;
}

test('the vector kernel is built', () => assert.ok(kernelModule(), 'run npm run build'));

test('the vector kernel and the reference cut alike', () => {
  fc.assert(
    fc.property(anyBytes, anyBounds, (bytes, bounds) => {
      const options = { runBytes };
      assert.deepEqual(cut(bytes, bounds, { ...options, kernel: 'wasm' }), cut(bytes, bounds, { ...options, kernel: 'reference' }));
    }),
    { numRuns: RUNS },
  );
});

test('the vector kernel and the reference cut alike under any seed', () => {
  fc.assert(
    fc.property(anyBytes, fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes, seed) => {
      const options = { runBytes, seed };
      assert.deepEqual(cut(bytes, small, { ...options, kernel: 'wasm' }), cut(bytes, small, { ...options, kernel: 'reference' }));
    }),
    { numRuns: RUNS },
  );
});

test('the way data arrives does not move a boundary', () => {
  fc.assert(
    fc.property(anyBytes, anyBounds, fc.integer({ min: 1, max: 2 ** 31 }), (bytes, bounds, seed) => {
      assert.deepEqual(inSlabs(bytes, bounds, seed), cut(bytes, bounds, { runBytes }));
    }),
    { numRuns: RUNS },
  );
});

test('the way data arrives does not move a boundary that a scanner suggested', () => {
  const scanners = anyScanner;
  fc.assert(
    fc.property(fc.constantFrom(...sampleNames), anyBounds, fc.integer({ min: 1, max: 2 ** 31 }), (name, bounds, seed) => {
      assert.deepEqual(inSlabs(sample(name), bounds, seed, { scanners }), cut(sample(name), bounds, { runBytes, scanners }));
    }),
    { numRuns: RUNS },
  );
});

test('the pieces together are the input', () => {
  fc.assert(
    fc.property(anyBytes, anyBounds, (bytes, bounds) => {
      assert.ok(Buffer.concat(cutPieces(bytes, bounds, { runBytes }).map(content)).equals(bytes));
    }),
    { numRuns: RUNS },
  );
});

test('each piece says where in the file it stands', () => {
  let offset = 0;
  for (const piece of cutPieces(corpus('mixed', 300_000), usual, { runBytes })) {
    assert.equal(piece.offset, offset);
    offset += piece.size;
  }
  assert.equal(offset, 300_000);
});

test('no block is longer than the maximum, and only one before a run or at the end is shorter than the minimum', () => {
  fc.assert(
    fc.property(anyBytes, anyBounds, (bytes, bounds) => {
      const pieces = cutPieces(bytes, bounds, { runBytes });
      for (const [index, piece] of pieces.entries()) {
        if (piece.kind === 'run') continue;
        assert.ok(piece.size <= bounds.maxBytes);
        const next = pieces[index + 1];
        if (next?.kind === 'block') assert.ok(piece.size >= bounds.minBytes);
      }
    }),
    { numRuns: RUNS },
  );
});

test('the pieces that are runs are just the maximal runs of at least the threshold', () => {
  fc.assert(
    fc.property(anyBytes, anyBounds, (bytes, bounds) => {
      const runs = cutPieces(bytes, bounds, { runBytes }).filter((piece) => piece.kind === 'run');
      assert.deepEqual(runs, maximalRuns(bytes));
    }),
    { numRuns: RUNS },
  );
});

test('an empty file has no pieces', () => assert.deepEqual(cut(new Uint8Array(0), usual), []));

test('a file of one byte is one block', () => assert.deepEqual(cut(new Uint8Array(1), usual), [1]));

test('a file of zeros is one run', () => {
  assert.deepEqual(cutPieces(new Uint8Array(5_000_000), usual), [{ kind: 'run', byte: 0, offset: 0, size: 5_000_000 }]);
});

test('without a threshold a run is cut into blocks', () => {
  const pieces = cutPieces(new Uint8Array(100_000), usual, { runBytes: Number.POSITIVE_INFINITY });
  assert.ok(pieces.every((piece) => piece.kind === 'block'));
});

test('another seed cuts elsewhere', () => {
  const bytes = corpus('random', 200_000);
  assert.notDeepEqual(cut(bytes, usual), cut(bytes, usual, { seed: new Uint8Array(32) }));
});

test('blocks of random bytes are on average about as long as the target', () => {
  const bytes = corpus('random', 4_000_000);
  const mean = bytes.length / cut(bytes, usual).length;
  assert.ok(mean > 0.85 * usual.targetBytes && mean < 1.35 * usual.targetBytes, `mean ${mean}`);
});

test('views hold while reads fit into the free space, across files', () => {
  const cutter = createCutter(usual, { bufferBytes: 100_000 });
  const held: { piece: Piece; copy: Uint8Array }[] = [];
  for (let file = 1; cutter.freeBytes >= 20_000; file++) {
    cutter.reset();
    cutter.buffer(20_000).set(corpus('random', 20_000, file));
    cutter.fed(20_000);
    cutter.finish();
    for (let piece = cutter.next(); piece; piece = cutter.next()) held.push({ piece, copy: content(piece).slice() });
  }
  assert.ok(held.length > 15);
  for (const { piece, copy } of held) assert.deepEqual(content(piece), copy);
});

test('buffer refuses what cannot fit while pieces wait to be taken', () => {
  const cutter = createCutter(usual, { bufferBytes: 50_000 });
  cutter.reset();
  cutter.fed(cutter.buffer(1).length);
  assert.throws(() => cutter.buffer(1), RangeError);
});

test('bounds that contradict themselves are refused', () => {
  for (const bounds of [
    { minBytes: 63, targetBytes: 256, maxBytes: 1024 },
    { minBytes: 512, targetBytes: 256, maxBytes: 1024 },
    { minBytes: 64, targetBytes: 2048, maxBytes: 1024 },
    { minBytes: 64, targetBytes: 100.5, maxBytes: 1024 },
  ]) {
    assert.throws(() => createCutter(bounds), /block bounds/);
  }
});

function content(piece: Piece): Uint8Array {
  return piece.kind === 'block' ? piece.bytes : new Uint8Array(piece.size).fill(piece.byte);
}

/** The naive model of runs. */
function maximalRuns(bytes: Uint8Array): Piece[] {
  const runs: Piece[] = [];
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    let end = at + 1;
    while (end < bytes.length && bytes[end] === byte) end++;
    if (end - at >= runBytes) runs.push({ kind: 'run', byte, offset: at, size: end - at });
    at = end;
  }
  return runs;
}
