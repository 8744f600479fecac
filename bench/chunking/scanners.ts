/**
 * What each format scanner gains: stored bytes with it, divided by those without, at several targets.
 *
 *     node bench/chunking/scanners.ts [--only WORD] [JSON-FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { anyScanner } from '../../src/chunk/scanners/registry.ts';
import { ours } from './chunkers.ts';
import { formatCorpora } from './format-corpora.ts';
import { measureDeduplication } from './measure.ts';

const ROOM_BYTES = 80_000_000;
const { values, positionals } = parseArgs({ options: { only: { type: 'string', default: '' } }, allowPositionals: true });
const results: Record<string, unknown>[] = [];

console.log('stored / total (mean block): without and with the scanner, and their quotient');
for (const { name, files } of formatCorpora().filter((each) => each.name.includes(values.only))) {
  const held = [...files()];
  for (const kibibytes of [8, 16, 64]) {
    const bounds = { minBytes: kibibytes * 512, targetBytes: kibibytes * 1024, maxBytes: kibibytes * 4096 };
    const [without, scanned] = [null, anyScanner].map((scanners) => measureDeduplication(ours(bounds, ROOM_BYTES, { scanners }), held));
    if (!without || !scanned) continue;
    const quotient = scanned.ratio / without.ratio;
    results.push({ format: name, kibibytes, without, scanned, quotient });
    const cells = [without, scanned].map(({ ratio, totalBytes, blocks }) =>
      `${ratio.toFixed(4)} (${(totalBytes / blocks / 1024).toFixed(1)})`.padStart(17),
    );
    console.log(`${name.padEnd(28)}${String(kibibytes).padStart(3)} KiB${cells.join('')}${quotient.toFixed(3).padStart(8)}`);
  }
}
if (positionals[0] !== undefined) writeFileSync(positionals[0], `${JSON.stringify(results, null, 1)}\n`);
