import { readFileSync } from 'node:fs';
import { blake3 } from '../../hash/blake3.ts';
import { digestToText } from '../../hash/digest.ts';
import type { SaveOptions } from '../../tree/types.ts';

/** A text that differs when other options, or other patterns in the files that they name, would save something else of the same source. */
export function optionsKey(options: SaveOptions): string {
  const { excludes = [], excludeFrom = [], ignoreFiles = true, skipCaches = true, oneFileSystem = false, observedTimes = false } = options;
  const { minFileBytes, maxFileBytes, newerThanMs, olderThanMs } = options;
  const flags = { ignoreFiles, skipCaches, oneFileSystem, observedTimes };
  const bounds = { minFileBytes, maxFileBytes, newerThanMs, olderThanMs };
  const patterns = excludeFrom.map((file) => readFileSync(file, 'latin1'));
  return digestToText(blake3.hash(Buffer.from(JSON.stringify({ excludes, patterns, ...flags, ...bounds }))));
}
