import fs from 'node:fs';
import { FormatError, hasErrno } from '../../base/errors.ts';
import type { HashAlgorithm } from '../../hash/types.ts';
import { system } from '../../sys/system.ts';
import { isUnwritable } from '../write-failure.ts';
import type { BlockIndex } from './index/block-index.ts';
import { PendingRows } from './index/pending.ts';
import type { Layout } from './layout.ts';
import { readAt } from './read-at.ts';
import { checkSegmentHeader, listSegments, openSegment, SEGMENT_HEADER_BYTES, type SegmentFile } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';

/** Told after each segment that was read. */
export type CatchUpListener = (done: { readonly segments: number; readonly bytes: number; readonly totalBytes: number }) => void;

/**
 * Indexes what stands in segments and not in the index: what a killed writer left, what was copied in by hand, or everything when the index
 * is gone. Segments that are being written are left to their writers. Needs no key and reads no payload.
 */
export function catchUp(layout: Layout, index: BlockIndex, hash: HashAlgorithm, onProgress?: CatchUpListener): void {
  const coverage = index.coverage();
  const behind = [...listSegments(layout).values()].filter(
    ({ id, sizeBytes }) => sizeBytes > Math.max(SEGMENT_HEADER_BYTES, coverage.get(id) ?? 0),
  );
  const totalBytes = behind.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytes = 0;
  for (const [i, segment] of behind.entries()) {
    indexSegment(layout, segment, coverage.get(segment.id) ?? 0, index, hash);
    bytes += segment.sizeBytes;
    onProgress?.({ segments: i + 1, bytes, totalBytes });
  }
  publishIfPossible(index);
}

function indexSegment(layout: Layout, segment: SegmentFile, from: number, index: BlockIndex, hash: HashAlgorithm): void {
  const fd = openSegment(layout, segment.id);
  if (fd === undefined) return;
  try {
    if (segment.growing && !system().lock(fd, 'shared')) return;
    const header = new Uint8Array(SEGMENT_HEADER_BYTES);
    readAt(fd, header, 0);
    checkSegmentHeader(header, segment.id, hash);
    // Only what is durable may be relied upon by those who find it in the index.
    syncIfPossible(fd);
    for (const found of scanSegment(fd, from, fs.fstatSync(fd).size, hash.hashBytes)) {
      if (found.kind === 'damage') continue;
      if (index.pending.size + found.table.length > PendingRows.maxRows) publishIfPossible(index);
      found.table.forEach(({ hash: blockHash }, block) => {
        index.pending.add(blockHash, 0, { segment: segment.id, offset: found.offset, recordBytes: found.recordBytes, block });
      });
      index.pending.cover(segment.id, found.offset + found.recordBytes);
    }
  } catch (error) {
    // A damaged header: the segment's blocks cannot be trusted to be of this store. verify reports it.
    if (!(error instanceof FormatError)) throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** In a store that cannot be written to, or is full, the rows stay in memory. */
function publishIfPossible(index: BlockIndex): void {
  try {
    index.publish();
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

function syncIfPossible(fd: number): void {
  try {
    fs.fdatasyncSync(fd);
  } catch (error) {
    if (!hasErrno(error, 'EROFS', 'EINVAL', 'EBADF', 'EPERM')) throw error;
  }
}
