/**
 * Speed and deduplication of our chunker beside gear (FastCDC), SeqCDC and RAM, at targets of 8 to 64 KiB.
 *
 *     node bench/chunking/run.ts [--smoke] [--corpus WORD] [JSON-FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { corpus } from '../../src/chunk/test-corpus.ts';
import type { Bounds } from '../../src/chunk/types.ts';
import { type Chunker, chunkersFor } from './chunkers.ts';
import { type Corpus, madeCorpora, realCorpora } from './corpora.ts';
import { measureDeduplication, measureSpeed } from './measure.ts';

const ROOM_BYTES = 80_000_000;
/** Small enough to stay in the caches of this kind of machine: the chunker is measured, not its memory. */
const SPEED_BYTES = 4 << 20;

const { values, positionals } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, corpus: { type: 'string' } },
  allowPositionals: true,
});

const chosen = (values.smoke ? madeCorpora(0.02) : realCorpora()).filter(({ name }) => name.includes(values.corpus ?? ''));
const results: Record<string, unknown>[] = [];
for (const kibibytes of values.smoke ? [8] : [8, 16, 32, 64]) {
  const bounds: Bounds = { minBytes: kibibytes * 512, targetBytes: kibibytes * 1024, maxBytes: kibibytes * 4096 };
  const chunkers = await chunkersFor(bounds, ROOM_BYTES);
  console.log(`\ntarget ${kibibytes} KiB, at least ${kibibytes / 2}, at most ${kibibytes * 4}`);
  console.log(
    row(
      'GB/s in memory',
      chunkers.map(({ name }) => name),
    ),
  );
  const fitting = await chunkersFor(bounds, SPEED_BYTES);
  for (const kind of ['random', 'log', 'dna'] as const) measureSpeeds(kibibytes, kind, fitting);
  console.log(
    row(
      'stored / total (mean block)',
      chunkers.map(({ name }) => name),
    ),
  );
  for (const each of chosen) measureCorpus(kibibytes, each, chunkers);
}
if (positionals[0] !== undefined) writeFileSync(positionals[0], `${JSON.stringify(results, null, 1)}\n`);

function measureSpeeds(kibibytes: number, kind: 'random' | 'log' | 'dna', chunkers: readonly Chunker[]): void {
  const bytes = corpus(kind, SPEED_BYTES);
  const speeds = chunkers.map((chunker) => measureSpeed(chunker, bytes, values.smoke ? 1 : 15));
  results.push(
    ...chunkers.map(({ name }, index) => ({ measure: 'speed', kibibytes, data: kind, chunker: name, gigabytesPerSecond: speeds[index] })),
  );
  console.log(
    row(
      kind,
      speeds.map((speed) => speed.toFixed(2)),
    ),
  );
}

function measureCorpus(kibibytes: number, { name, files }: Corpus, chunkers: readonly Chunker[]): void {
  const held = [...files()];
  const found = chunkers.map((chunker) => measureDeduplication(chunker, held));
  results.push(
    ...chunkers.map((chunker, index) => ({ measure: 'deduplication', kibibytes, data: name, chunker: chunker.name, ...found[index] })),
  );
  console.log(
    row(
      name,
      found.map(({ ratio, totalBytes, blocks }) => `${ratio.toFixed(4)} (${(totalBytes / blocks / 1024).toFixed(1)})`),
    ),
  );
}

function row(title: string, cells: readonly string[]): string {
  return title.padEnd(28) + cells.map((cell) => cell.padStart(16)).join('');
}
