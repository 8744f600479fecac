import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutPieces } from './cut.ts';
import { type CorpusKind, corpus, corpusKinds, wordsOf } from './test-corpus.ts';
import type { Bounds, Piece } from './types.ts';

/** Edits of each kind. They are the same in every run, since what is held to is an average. */
const EDITS = Number(process.env.VARVE_FUZZ_RUNS ?? 12);
const bounds: Bounds = { minBytes: 512, targetBytes: 1024, maxBytes: 4096 };
const SIZE = 200_000;

/** Blocks that an edit makes anew, on average. Measured over 400 edits: 1.1 to 1.6, and 2.3 in zeros, where each edit splits one run in two. */
const MOST_NEW_PIECES = 3.5;

/** Blocks that a cutter cuts, on average, until it meets a boundary of the whole. Measured: 1 to 3. */
const MOST_BLOCKS_TO_MEET = 8;

function contentKey(piece: Piece): string {
  return piece.kind === 'run' ? `run ${piece.byte} ${piece.size}` : Buffer.from(piece.bytes).toString('latin1');
}

function edited(bytes: Uint8Array, edit: 'insert' | 'delete' | 'overwrite', seed: number): Uint8Array {
  const next = wordsOf(seed * 7919);
  const at = next() % bytes.length;
  const length = 1 + (next() % 40);
  const noise = corpus('random', edit === 'delete' ? 0 : length, seed);
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(edit === 'insert' ? at : at + length)]);
}

/** The mean of what `measure` yields for seeds 1, 2, … */
function meanOf(measure: (seed: number) => number): number {
  let sum = 0;
  for (let seed = 1; seed <= EDITS; seed++) sum += measure(seed);
  return sum / EDITS;
}

for (const kind of corpusKinds) {
  for (const edit of ['insert', 'delete', 'overwrite'] as const) {
    test(`to ${edit} a few bytes anywhere in ${kind} data makes few new blocks`, () => {
      const original = corpus(kind, SIZE);
      const known = new Set(cutPieces(original, bounds).map(contentKey));
      const fresh = meanOf(
        (seed) => cutPieces(edited(original, edit, seed), bounds).filter((piece) => !known.has(contentKey(piece))).length,
      );
      assert.ok(fresh <= MOST_NEW_PIECES, `${fresh} new pieces on average`);
    });
  }
}

/** Data that repeats itself has no place that a cutter could know again, and is left out. */
const distinct: readonly CorpusKind[] = ['random', 'log', 'csv', 'dna', 'bits', 'mixed'];
for (const kind of distinct) {
  test(`a cutter that enters ${kind} data anywhere soon falls in with its boundaries, and stays with them`, () => {
    const bytes = corpus(kind, SIZE);
    const boundaries = new Set(cutPieces(bytes, bounds).map((piece) => piece.offset));
    const met = meanOf((seed) => {
      const start = 1 + (wordsOf(seed * 7919)() % (SIZE / 2));
      const offsets = cutPieces(bytes.subarray(start), bounds, { hint: { offset: start } }).map((piece) => piece.offset);
      const index = offsets.findIndex((offset, count) => count > 0 && boundaries.has(offset));
      assert.ok(index > 0, `never met from ${start} on`);
      assert.ok(
        offsets.slice(index).every((offset) => boundaries.has(offset)),
        `left again from ${start} on`,
      );
      return index;
    });
    assert.ok(met <= MOST_BLOCKS_TO_MEET, `met after ${met} blocks on average`);
  });
}
