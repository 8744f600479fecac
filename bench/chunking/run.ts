/**
 * Our chunker beside gear (FastCDC), SeqCDC and RAM: speed, deduplication, the gain of each format scanner, and how soon a cutter falls in with the
 * boundaries of another.
 *
 *     node bench/chunking/run.ts [--smoke] [--only chunkers|scanners|resynchronisation] [--corpus WORD] [JSON-FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { corpus } from '../../src/chunk/test-corpus.ts';
import type { Bounds } from '../../src/chunk/types.ts';
import { type Chunker, chunkersFor, ours } from './chunkers.ts';
import { type Corpus, largestFile, madeCorpora, realCorpora } from './corpora.ts';
import { type Deduplication, measureDeduplication, measureSpeed } from './measure.ts';
import { measureResynchronisation } from './resynchronisation.ts';
import { scannerGains } from './scanner-gain.ts';

const ROOM_BYTES = 80_000_000;
/** Small enough to stay in the caches of this kind of machine: the chunker is measured, not its memory. */
const SPEED_BYTES = 4 << 20;

const { values: options, positionals } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, only: { type: 'string' }, corpus: { type: 'string', default: '' } },
  allowPositionals: true,
});
const results: Record<string, unknown>[] = [];
const corpora = (options.smoke ? madeCorpora(0.02) : realCorpora()).filter(({ name }) => name.includes(options.corpus));

if (wanted('chunkers')) for (const kibibytes of options.smoke ? [8] : [8, 16, 32, 64]) await compareChunkers(kibibytes);
if (wanted('scanners') && !options.smoke) showScannerGains();
if (wanted('resynchronisation')) showResynchronisation();
if (positionals[0] !== undefined) writeFileSync(positionals[0], `${JSON.stringify(results, null, 1)}\n`);

function wanted(part: string): boolean {
  return options.only === undefined || options.only === part;
}

function boundsOf(kibibytes: number): Bounds {
  return { minBytes: kibibytes * 512, targetBytes: kibibytes * 1024, maxBytes: kibibytes * 4096 };
}

async function compareChunkers(kibibytes: number): Promise<void> {
  const chunkers = await chunkersFor(boundsOf(kibibytes), SPEED_BYTES);
  const reference = ours(boundsOf(kibibytes), SPEED_BYTES, { scanners: null, kernel: 'reference' }, 'reference');
  console.log(`\ntarget ${kibibytes} KiB, at least ${kibibytes / 2}, at most ${kibibytes * 4}`);
  const timed = [...chunkers, reference];
  print('GB/s in memory', names(timed));
  for (const [data, bytes] of speedData()) compareSpeeds(kibibytes, data, bytes, timed);
  const roomy = await chunkersFor(boundsOf(kibibytes), ROOM_BYTES);
  print('stored / total (mean block)', names(roomy));
  for (const each of corpora) compareDeduplication(kibibytes, each, roomy);
}

function* speedData(): Iterable<[string, Uint8Array]> {
  for (const kind of ['random', 'log', 'dna'] as const) yield [kind, corpus(kind, SPEED_BYTES)];
  for (const each of corpora) {
    if (each.name.startsWith('typescript, 5 tars') || each.name === '/usr/lib')
      yield [each.name, largestFile(each).subarray(0, SPEED_BYTES)];
  }
}

function compareSpeeds(kibibytes: number, data: string, bytes: Uint8Array, chunkers: readonly Chunker[]): void {
  const speeds = chunkers.map((chunker) => measureSpeed(chunker, bytes, options.smoke ? 1 : 15));
  for (const [index, { name }] of chunkers.entries()) {
    results.push({ measure: 'speed', kibibytes, data, chunker: name, gigabytesPerSecond: speeds[index] });
  }
  const cells = speeds.map((speed) => speed.toFixed(2));
  print(data, cells);
}

function compareDeduplication(kibibytes: number, { name, files }: Corpus, chunkers: readonly Chunker[]): void {
  const held = [...files()];
  const found = chunkers.map((chunker) => measureDeduplication(chunker, held));
  for (const [index, chunker] of chunkers.entries()) {
    results.push({ measure: 'deduplication', kibibytes, data: name, chunker: chunker.name, ...found[index] });
  }
  print(name, found.map(ratioAndMean));
}

function showScannerGains(): void {
  console.log('\nstored / total (mean block)');
  print('', ['target', 'without scanner', 'with', 'quotient']);
  for (const gain of scannerGains(options.corpus)) {
    results.push({ measure: 'scanner', ...gain });
    print(gain.format, [`${gain.kibibytes} KiB`, ratioAndMean(gain.without), ratioAndMean(gain.scanned), gain.quotient.toFixed(3)]);
  }
}

/** Entered at a hundred places, each followed for a mebibyte. */
function showResynchronisation(): void {
  console.log('\nfrom anywhere to the first common boundary');
  print('', ['target', 'blocks: mean', 'most', 'KiB: mean', 'most', 'never']);
  for (const kibibytes of [8, 32]) {
    for (const each of corpora) {
      const found = measureResynchronisation(largestFile(each), boundsOf(kibibytes), options.smoke ? 3 : 100, 1 << 20);
      results.push({ measure: 'resynchronisation', kibibytes, data: each.name, ...found });
      const inKiB = (bytes: number) => (bytes / 1024).toFixed(0);
      const { meanBlocks, mostBlocks, meanBytes, mostBytes, never } = found;
      print(each.name, [`${kibibytes} KiB`, meanBlocks.toFixed(1), `${mostBlocks}`, inKiB(meanBytes), inKiB(mostBytes), `${never}`]);
    }
  }
}

function ratioAndMean({ ratio, totalBytes, blocks }: Deduplication): string {
  return `${ratio.toFixed(4)} (${(totalBytes / blocks / 1024).toFixed(1)})`;
}

function names(chunkers: readonly Chunker[]): string[] {
  return chunkers.map(({ name }) => name);
}

function print(title: string, cells: readonly string[]): void {
  console.log(title.padEnd(28) + cells.map((cell) => cell.padStart(16)).join(''));
}
