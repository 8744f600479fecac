import fs from 'node:fs';
import type { Digest } from '../../hash/types.ts';
import { syncFolder } from '../../sys/durable.ts';
import { LockFile } from '../../sys/lock-file.ts';
import { system } from '../../sys/system.ts';
import { UnreachableStoreError } from '../errors.ts';
import { readCondemned, writeCondemned } from './condemned.ts';
import type { Datadir } from './datadir.ts';
import { toDigest } from '../../hash/multihash.ts';
import { listSegments, openSegment, type SegmentFile } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';
import { liveSessions } from './sessions.ts';

/**
 * What the collector has to be told by those who know what blocks mean. `mark` is called with the pins of sessions, after those were listed: it adds to the marked
 * everything that they and the archives, *as they are now*, refer to. It throws when that cannot be known for certain.
 */
export interface Liveness {
  mark(pins: readonly Digest[]): Promise<void>;
  isLive(hash: Uint8Array): boolean;
}

export interface CollectorResult {
  liveBlocks: number;
  deadBlocks: number;
  deadBytes: number;
  removedSegments: number;
  movedBlocks: number;
  freedBytes: number;
  waitingSegments: number;
}

/** A segment is emptied when at least this part of it is dead. Below that, moving the rest would cost more than it frees. */
const DEAD_PART = 0.1;

/**
 * Collects garbage (S33) beside writers, without a lock that they would feel and without a clock.
 *
 * A segment with much garbage is *condemned*: listed in a file, by one rename. From then on no writer counts its blocks as present, so no new tree comes to rely on
 * them. Only a writer whose session began before that may; so the segment is kept until those sessions have ended. Then everything that lives is marked again (their revisions
 * are in the archives by then), what still lives of the segment is added anew elsewhere, and the segment is removed.
 *
 * Why nothing that lives is removed. A block is relied upon by a revision in an archive, by a pinned tree, or by a session that found or added it. The last kind began before
 * the condemnation, and is waited for, or after it, and then does not count the block as present. Pins: a session pins a tree first and then looks for it in the
 * archive. Sessions are listed before the archives are read, and no revision is dropped meanwhile, since dropping takes the same lock (`collectorLock`). So a pin that was not
 * seen is of a tree that its session found in the archive after the listing, hence in one that was read, or appended later by a session that by induction relies on nothing condemned.
 *
 * Interrupted anywhere: condemned segments stay readable; a copy too many is garbage for the next run.
 */
export class Collector {
  readonly #store: Datadir;
  readonly #liveness: Liveness;
  readonly #result: CollectorResult = {
    liveBlocks: 0,
    deadBlocks: 0,
    deadBytes: 0,
    removedSegments: 0,
    movedBlocks: 0,
    freedBytes: 0,
    waitingSegments: 0,
  };

  constructor(store: Datadir, liveness: Liveness) {
    this.#store = store;
    this.#liveness = liveness;
  }

  async run(dryRun: boolean): Promise<CollectorResult> {
    const lock = this.#lock();
    try {
      await this.#store.catchUp();
      let sessions = await this.#mark();
      const before = readCondemned(this.#store.layout.condemned);
      const mayBeUsed = before.waitFor === undefined ? sessions : sessions.filter((id) => before.waitFor?.includes(id));
      const present = listSegments(this.#store.layout);
      const condemned = before.segments.filter((id) => present.has(id));
      const wasteful = this.#findWasteful(present, new Set(condemned), dryRun);
      if (dryRun) return this.#result;
      if (condemned.length > 0 && mayBeUsed.length > 0) {
        writeCondemned(this.#store.layout.condemned, { segments: condemned, waitFor: mayBeUsed });
        this.#result.waitingSegments = condemned.length;
        return this.#result;
      }
      await this.#sweep(condemned, present);
      // The commit point of condemning; sessions are looked for only after it.
      writeCondemned(this.#store.layout.condemned, { segments: wasteful, waitFor: undefined });
      if (wasteful.length === 0) return this.#result;
      sessions = await this.#mark();
      if (sessions.length > 0) {
        writeCondemned(this.#store.layout.condemned, { segments: wasteful, waitFor: sessions });
        this.#result.waitingSegments = wasteful.length;
        return this.#result;
      }
      await this.#sweep(wasteful, present);
      writeCondemned(this.#store.layout.condemned, { segments: [], waitFor: [] });
      return this.#result;
    } finally {
      lock.release();
    }
  }

  #lock(): LockFile {
    const lock = LockFile.try(this.#store.layout.collectorLock);
    if (lock !== undefined) return lock;
    throw new UnreachableStoreError(this.#store.name, 'another process is removing revisions or garbage right now', { advice: 'Wait for it to end and try again.' });
  }

  /** Marks what lives. Returns the sessions that lived when it began; the order matters, see above. */
  async #mark(): Promise<string[]> {
    const sessions = liveSessions(this.#store.layout.sessions);
    await this.#liveness.mark(sessions.flatMap(({ pins }) => pins));
    return sessions.map(({ id }) => id);
  }

  /** Counts what is dead, and chooses the segments that are worth emptying; those are closed. */
  #findWasteful(present: ReadonlyMap<string, SegmentFile>, condemned: ReadonlySet<string>, dryRun: boolean): string[] {
    const wasteful: string[] = [];
    for (const segment of present.values()) {
      if (condemned.has(segment.id)) continue;
      const { live, dead } = this.#count(segment, condemned);
      if (dead === 0 || dead / (live + dead) < DEAD_PART) continue;
      if (dryRun) {
        this.#result.removedSegments++;
        this.#result.freedBytes += Math.round((segment.sizeBytes * dead) / (live + dead));
      } else if (!segment.growing || this.#closeGrowing(segment.id)) {
        wasteful.push(segment.id);
      }
    }
    return wasteful;
  }

  /** Raw bytes of a segment's blocks that live and that do not. A block that is found elsewhere first is dead here. */
  #count(segment: SegmentFile, condemned: ReadonlySet<string>): { live: number; dead: number } {
    let live = 0;
    let dead = 0;
    for (const { hash, size } of this.#blocks(segment)) {
      const elsewhere = this.#store.locate(hash, (id) => !condemned.has(id));
      if (this.#liveness.isLive(hash) && (elsewhere === undefined || elsewhere.segment === segment.id)) {
        live += size + hash.length;
        this.#result.liveBlocks++;
      } else {
        dead += size + hash.length;
        this.#result.deadBlocks++;
        this.#result.deadBytes += size;
      }
    }
    return { live, dead };
  }

  *#blocks(segment: SegmentFile): Generator<{ hash: Uint8Array; size: number }> {
    const fd = openSegment(this.#store.layout, segment.id);
    if (fd === undefined) return;
    try {
      for (const found of scanSegment(fd, 0, segment.sizeBytes, this.#store.hash.hashBytes)) if (found.kind === 'record') yield* found.table;
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Closes a growing segment that nobody writes to, so that nobody takes it up again. False when somebody does. */
  #closeGrowing(id: string): boolean {
    const { layout } = this.#store;
    const path = layout.growing(id);
    const fd = fs.openSync(path, 'r+');
    try {
      if (!system().lock(fd, 'exclusive') || !fs.existsSync(path)) return false;
      fs.fdatasyncSync(fd);
      fs.renameSync(path, layout.closed(id));
      syncFolder(layout.segments);
      return true;
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Adds what lives in condemned segments anew elsewhere, makes that durable, and removes the segments. */
  async #sweep(condemned: readonly string[], present: ReadonlyMap<string, SegmentFile>): Promise<void> {
    if (condemned.length === 0) return;
    const doomed = new Set(condemned);
    const storedBefore = this.#store.counters.storedBytes;
    this.#store.abandonView();
    for (const id of condemned) {
      const segment = present.get(id) as SegmentFile;
      for (const { hash } of this.#blocks(segment)) {
        if (!this.#liveness.isLive(hash) || this.#store.locate(hash, (other) => !doomed.has(other)) !== undefined) continue;
        await this.#store.add(await this.#store.get(toDigest(this.#store.hash.code, hash)));
        this.#result.movedBlocks++;
      }
    }
    await this.#store.flush();
    this.#result.freedBytes -= this.#store.counters.storedBytes - storedBefore;
    for (const id of condemned) {
      const size = present.get(id)?.sizeBytes ?? 0;
      fs.rmSync(this.#store.layout.closed(id), { force: true });
      fs.rmSync(this.#store.layout.growing(id), { force: true });
      this.#result.removedSegments++;
      this.#result.freedBytes += size;
    }
    syncFolder(this.#store.layout.segments);
    this.#store.abandonView();
    this.#store.mergeIndex(true);
  }
}
