import { anyScanner } from '../../src/chunk/scanners/registry.ts';
import { ours } from './chunkers.ts';
import { formatCorpora } from './format-corpora.ts';
import { type Deduplication, measureDeduplication } from './measure.ts';

const ROOM_BYTES = 80_000_000;

/** What a format's scanner gains at one target: `quotient` is stored bytes with it, divided by those without. */
export interface ScannerGain {
  readonly format: string;
  readonly kibibytes: number;
  readonly without: Deduplication;
  readonly scanned: Deduplication;
  readonly quotient: number;
}

/** Measures the formats whose name contains `word`, at several targets. */
export function* scannerGains(word: string): Iterable<ScannerGain> {
  for (const { name, files } of formatCorpora().filter((each) => each.name.includes(word))) {
    const held = [...files()];
    for (const kibibytes of [8, 16, 64]) {
      const bounds = { minBytes: kibibytes * 512, targetBytes: kibibytes * 1024, maxBytes: kibibytes * 4096 };
      const without = measureDeduplication(ours(bounds, ROOM_BYTES, { scanners: null }), held);
      const scanned = measureDeduplication(ours(bounds, ROOM_BYTES, { scanners: anyScanner }), held);
      yield { format: name, kibibytes, without, scanned, quotient: scanned.ratio / without.ratio };
    }
  }
}
