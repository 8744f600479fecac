import fs from 'node:fs';
import { toDigest } from '../../hash/multihash.ts';
import { syncFolder } from '../../sys/durable.ts';
import { DamagedBlockError, MissingBlockError } from '../errors.ts';
import type { Datadir } from './datadir.ts';
import type { Liveness } from './liveness.ts';
import { listSegments, openSegment } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';

/** What was swept, added up over several sweeps. */
export interface SweepResult {
  removedSegments: number;
  movedBlocks: number;
  /** Net of what was moved. */
  freedBytes: number;
}

/**
 * Adds what lives in closed segments anew elsewhere, makes that durable, proves it, and removes the segments. `swept` are some of the `condemned`, in which nothing is
 * counted as kept. Returns those that stay, since something that lives may stand nowhere else and cannot be read: they may be mended, or be healed by a later save.
 */
export async function sweep(
  store: Datadir,
  liveness: Liveness,
  swept: readonly string[],
  condemned: readonly string[],
  result: SweepResult,
): Promise<string[]> {
  if (swept.length === 0) return [];
  const storedBefore = store.counters.storedBytes;
  const unreadable = new Set<string>();
  const needed = new Set<string>();
  store.abandonView();
  for (const id of swept) {
    for (const { hash } of blocksOf(store, id, () => unreadable.add(id))) {
      if (!liveness.isLive(hash)) continue;
      try {
        const use = liveness.isInner(hash) ? 'inner' : 'content';
        const stays = (segment: string) => !condemned.includes(segment);
        if (await store.keepIn(toDigest(store.hash.code, hash), use, stays)) result.movedBlocks++;
      } catch (error) {
        if (!(error instanceof DamagedBlockError || error instanceof MissingBlockError)) throw error;
        needed.add(id);
      }
    }
  }
  await store.flush();
  result.freedBytes -= store.counters.storedBytes - storedBefore;
  store.abandonView();
  addOnlyPlaces(store, liveness, swept, unreadable, needed);
  const present = listSegments(store.layout);
  const removed = swept.filter((id) => !needed.has(id));
  for (const id of removed) {
    fs.rmSync(store.layout.closed(id), { force: true });
    result.removedSegments++;
    result.freedBytes += present.get(id)?.sizeBytes ?? 0;
  }
  syncFolder(store.layout.segments);
  store.abandonView();
  store.mergeIndex(true);
  return [...needed];
}

/** The tables of a segment's records; `onDamage` is told of what cannot be read between them. */
export function* blocksOf(store: Datadir, segment: string, onDamage: () => void): Generator<{ hash: Uint8Array; size: number }> {
  const fd = openSegment(store.layout, segment);
  if (fd === undefined) return;
  try {
    // As long as it is now: a writer may have added to it since it was listed.
    for (const found of scanSegment(fd, 0, fs.fstatSync(fd).size, store.hash.hashBytes)) {
      if (found.kind === 'record') yield* found.table;
      else onDamage();
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Adds to `needed` those of the swept segments in which anything stands, or may stand, that is marked and stands nowhere else. */
function addOnlyPlaces(
  store: Datadir,
  liveness: Liveness,
  swept: readonly string[],
  unreadable: ReadonlySet<string>,
  needed: Set<string>,
): void {
  for (const key of liveness.marked()) {
    if (store.locate(key, (segment) => !swept.includes(segment)) !== undefined) continue;
    let places = 0;
    for (;;) {
      const place = store.locate(key, (segment) => !needed.has(segment));
      if (place === undefined) break;
      needed.add(place.segment);
      places++;
    }
    // A block that stands nowhere was lost before, unless it is in what cannot be read.
    if (places === 0 && store.locate(key, () => true) === undefined) for (const id of unreadable) needed.add(id);
  }
}
