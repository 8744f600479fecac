import fs from 'node:fs';
import { toDigest } from '../../hash/multihash.ts';
import type { Digest, HashAlgorithm } from '../../hash/types.ts';
import { DigestTable } from '../digest-table.ts';
import type { ListOptions } from '../types.ts';
import type { Layout } from './layout.ts';
import { listSegments, openSegment, type SegmentFile } from './segment-file.ts';
import { type ScannedRecord, scanSegment } from './segment-scan.ts';

/** At most about this many digests are sorted in memory at once. */
const WINDOW_DIGESTS = 1_000_000;

/**
 * Digests in order, from the tables of the segments (the index keeps only the beginning of each). The space of hashes is cut into windows that
 * fit into memory, and the tables are read once for each window that is reached.
 */
export function* listDigests(layout: Layout, hash: HashAlgorithm, options: ListOptions): Generator<Digest> {
  const descending = options.order === 'descending';
  const segments = [...listSegments(layout).values()];
  const windows = countWindows(layout, segments, hash);
  const start = options.start?.subarray(2);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i < windows && left > 0; i++) {
    const window = descending ? windows - 1 - i : i;
    if (start !== undefined && (descending ? window > windowOf(start, windows) : window < windowOf(start, windows))) continue;
    for (const key of sortedWindow(layout, segments, hash, window, windows, descending)) {
      if (left === 0) return;
      if (start !== undefined) {
        const order = descending ? -Buffer.compare(key, start) : Buffer.compare(key, start);
        if (order < 0 || (order === 0 && options.inclusive === false)) continue;
      }
      left--;
      yield toDigest(hash.code, key);
    }
  }
}

/** Every record of every segment that can be opened, in no particular order of segments. */
export function* scanAll(
  layout: Layout,
  segments: Iterable<SegmentFile>,
  hashBytes: number,
): Generator<{ segment: SegmentFile; record: ScannedRecord }> {
  for (const segment of segments) {
    const fd = openSegment(layout, segment.id);
    if (fd === undefined) continue;
    try {
      for (const record of scanSegment(fd, 0, segment.sizeBytes, hashBytes)) if (record.kind === 'record') yield { segment, record };
    } finally {
      fs.closeSync(fd);
    }
  }
}

function countWindows(layout: Layout, segments: readonly SegmentFile[], hash: HashAlgorithm): number {
  let blocks = 0;
  for (const { record } of scanAll(layout, segments, hash.hashBytes)) blocks += record.table.length;
  return Math.max(1, Math.ceil(blocks / WINDOW_DIGESTS));
}

function sortedWindow(
  layout: Layout,
  segments: readonly SegmentFile[],
  hash: HashAlgorithm,
  window: number,
  windows: number,
  descending: boolean,
): Uint8Array[] {
  const table = new DigestTable(hash.hashBytes);
  for (const { record } of scanAll(layout, segments, hash.hashBytes)) {
    for (const entry of record.table) if (windowOf(entry.hash, windows) === window) table.add(entry.hash);
  }
  const keys = Array.from({ length: table.size }, (_, row) => table.key(row));
  return keys.sort(descending ? (a, b) => Buffer.compare(b, a) : (a, b) => Buffer.compare(a, b));
}

function windowOf(hash: Uint8Array, windows: number): number {
  const leading = ((hash[0] as number) << 16) | ((hash[1] as number) << 8) | (hash[2] as number);
  return Math.floor((leading / 2 ** 24) * windows);
}
