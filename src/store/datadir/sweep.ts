import fs from 'node:fs';
import { toDigest } from '../../hash/multihash.ts';
import { syncFolder } from '../../sys/durable.ts';
import { DamagedBlockError, MissingBlockError } from '../errors.ts';
import { isFull } from '../write-failure.ts';
import type { Datadir } from './datadir.ts';
import type { Liveness } from './liveness.ts';
import { giveUpReserve } from './reserve.ts';
import { listSegments, openSegment } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';

/** What was swept, added up over several sweeps. */
export interface SweepTally {
  removedSegments: number;
  movedBlocks: number;
  /** Net of what was moved. */
  freedBytes: number;
}

/** Segments that stay. */
export interface SweepRest {
  /** Something that lives may stand nowhere else, and cannot be read: it may be mended, or stored anew by a later save. */
  readonly damaged: readonly string[];
  /** There was no space for what lives in them. */
  readonly crowded: readonly string[];
  /** So many bytes of space, or fewer, are needed to go on. */
  readonly neededBytes: number;
}

/**
 * Empties closed segments: adds what lives in them anew elsewhere, makes that durable, proves it, and removes them. `swept` are some of the `condemned`, in which nothing is
 * counted as kept.
 *
 * On a full disk the space comes from the segments themselves: those in which the least lives, or nothing, are removed before others are emptied.
 */
export class Sweep {
  readonly #store: Datadir;
  readonly #liveness: Liveness;
  readonly #condemned: ReadonlySet<string>;
  readonly #tally: SweepTally;
  /** Segments in which not every record could be read. */
  readonly #unreadable = new Set<string>();
  /** Segments in which something stands, or may stand, that lives and is nowhere else. */
  readonly #needed = new Set<string>();

  constructor(store: Datadir, liveness: Liveness, condemned: readonly string[], tally: SweepTally) {
    this.#store = store;
    this.#liveness = liveness;
    this.#condemned = new Set(condemned);
    this.#tally = tally;
  }

  async run(swept: readonly string[]): Promise<SweepRest> {
    const liveBytes = new Map(swept.map((id) => [id, this.#countLive(id)]));
    let left = [...swept].sort((a, b) => (liveBytes.get(a) as number) - (liveBytes.get(b) as number));
    this.#store.abandonView();
    while (left.length > 0) {
      const emptied = await this.#empty(left);
      const removed = this.#remove(emptied);
      left = left.filter((id) => !emptied.includes(id));
      if (removed === 0 && !giveUpReserve(this.#store.layout)) break;
    }
    const crowded = left.filter((id) => !this.#needed.has(id));
    return { damaged: [...this.#needed], crowded, neededBytes: liveBytes.get(crowded[0] ?? '') ?? 0 };
  }

  #countLive(id: string): number {
    let bytes = 0;
    for (const { hash, size } of this.#blocks(id)) if (this.#liveness.isLive(hash)) bytes += size + hash.length;
    return bytes;
  }

  #blocks(id: string): Generator<{ hash: Uint8Array; size: number }> {
    return blocksOf(this.#store, id, () => this.#unreadable.add(id));
  }

  /** Makes durable elsewhere what lives in segments, one after another until the disk is full; which came to their end. */
  async #empty(segments: readonly string[]): Promise<string[]> {
    const emptied: string[] = [];
    for (const id of segments) {
      try {
        const moved = await this.#moveLive(id);
        const storedBefore = this.#store.counters.storedBytes;
        await this.#store.flush();
        this.#tally.freedBytes -= this.#store.counters.storedBytes - storedBefore;
        this.#tally.movedBlocks += moved;
      } catch (error) {
        if (!isFull(error)) throw error;
        this.#store.discard();
        break;
      }
      emptied.push(id);
    }
    return emptied;
  }

  /** How many blocks had to be added anew. */
  async #moveLive(id: string): Promise<number> {
    let moved = 0;
    const stays = (segment: string) => !this.#condemned.has(segment);
    for (const { hash } of this.#blocks(id)) {
      if (!this.#liveness.isLive(hash)) continue;
      const use = this.#liveness.isInner(hash) ? 'inner' : 'content';
      try {
        if (await this.#store.keepIn(toDigest(this.#store.hash.code, hash), use, stays)) moved++;
      } catch (error) {
        if (!(error instanceof DamagedBlockError || error instanceof MissingBlockError)) throw error;
        this.#needed.add(id);
      }
    }
    return moved;
  }

  /** Removes those of emptied segments that nothing depends on; how many. */
  #remove(emptied: readonly string[]): number {
    if (emptied.length === 0) return 0;
    this.#store.abandonView();
    this.#findOnlyPlaces(emptied);
    const present = listSegments(this.#store.layout);
    const removed = emptied.filter((id) => !this.#needed.has(id));
    for (const id of removed) {
      fs.rmSync(this.#store.layout.closed(id), { force: true });
      this.#tally.removedSegments++;
      this.#tally.freedBytes += present.get(id)?.sizeBytes ?? 0;
    }
    syncFolder(this.#store.layout.segments);
    this.#store.abandonView();
    this.#store.mergeIndex(true);
    return removed.length;
  }

  /** Finds those of the segments in which anything stands, or may stand, that is marked and stands nowhere else. */
  #findOnlyPlaces(segments: readonly string[]): void {
    const going = new Set(segments);
    for (const key of this.#liveness.marked()) {
      if (this.#store.locate(key, (segment) => !going.has(segment)) !== undefined) continue;
      let places = 0;
      for (;;) {
        const place = this.#store.locate(key, (segment) => !this.#needed.has(segment));
        if (place === undefined) break;
        this.#needed.add(place.segment);
        places++;
      }
      // A block that stands nowhere was lost before, unless it is in what cannot be read.
      if (places > 0 || this.#unreadable.size === 0 || this.#store.locate(key, () => true) !== undefined) continue;
      for (const id of segments) if (this.#unreadable.has(id)) this.#needed.add(id);
    }
  }
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
