import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrno } from '../base/errors.ts';
import { readCondemned } from '../store/datadir/condemned.ts';
import type { Datadir } from '../store/datadir/datadir.ts';
import { scanAll } from '../store/datadir/listing.ts';
import { listSegments } from '../store/datadir/segment-file.ts';
import { Archive } from '../tree/archive.ts';

/** The figures of a store. */
export interface StoreStatistics {
  readonly store: string;
  readonly id: string;
  readonly hash: string;
  readonly chunking: { readonly minBytes: number; readonly targetBytes: number; readonly maxBytes: number };
  readonly archives: number;
  readonly revisions: number;
  /** The sum of the sizes of all revisions: what separate copies would take. */
  readonly savedBytes: number;
  readonly segments: number;
  readonly condemnedSegments: number;
  readonly records: number;
  readonly blocks: number;
  /** Blocks before and after compression, their tables included. */
  readonly blockBytes: number;
  readonly storedBytes: number;
  readonly indexBytes: number;
  readonly diskBytes: number;
}

/** Gathers the figures of a store. Reads the heads of all records, not their content. */
export async function storeStatistics(store: Datadir, signal: AbortSignal): Promise<StoreStatistics> {
  const { layout, header } = store;
  const segments = listSegments(layout);
  let [records, blocks, blockBytes, storedBytes] = [0, 0, 0, 0];
  for (const { record } of scanAll(layout, segments.values(), header.hash.hashBytes)) {
    signal.throwIfAborted();
    records++;
    blocks += record.header.blocks;
    blockBytes += record.header.rawBytes;
    storedBytes += record.recordBytes;
  }
  const names = await store.archives();
  let [revisions, savedBytes] = [0, 0];
  for (const name of names) {
    const read = await new Archive(store.archive(name)).read();
    revisions += read.revisions.length;
    for (const { bytes } of read.revisions) savedBytes += bytes;
  }
  return {
    store: store.name,
    ...{ id: header.id, hash: header.hash.name, chunking: header.chunking },
    ...{ archives: names.length, revisions, savedBytes },
    ...{ segments: segments.size, condemnedSegments: readCondemned(layout.condemned).segments.length },
    ...{ records, blocks, blockBytes, storedBytes },
    indexBytes: folderBytes(layout.index),
    diskBytes: folderBytes(layout.root),
  };
}

/** The sizes of all files below a folder; what vanishes meanwhile counts for nothing. */
function folderBytes(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? folderBytes(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0));
    }, 0);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}
