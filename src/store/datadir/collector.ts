import fs from 'node:fs';
import { hasErrno, VarveError } from '../../base/errors.ts';
import { syncFolder } from '../../sys/durable.ts';
import { LockFile } from '../../sys/lock-file.ts';
import { system } from '../../sys/system.ts';
import { UnreachableStoreError } from '../errors.ts';
import { readCondemned, writeCondemned } from './condemned.ts';
import type { Datadir } from './datadir.ts';
import type { Liveness } from './liveness.ts';
import { listSegments, type SegmentFile } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';
import { liveSessions } from './sessions.ts';
import { blocksOf, Sweep } from './sweep.ts';

export interface CollectorResult {
  liveBlocks: number;
  deadBlocks: number;
  deadBytes: number;
  removedSegments: number;
  movedBlocks: number;
  freedBytes: number;
  waitingSegments: number;
  /** Condemned segments that stay, since something that lives stands nowhere else and is damaged in them. */
  damagedSegments: number;
  /** Condemned segments that stay for lack of space, and about how much is needed to go on. */
  crowdedSegments: number;
  neededBytes: number;
}

/** Something that lives cannot be read, so that it, or what it refers to, cannot be kept: nothing may be removed. */
export class CannotCollectError extends VarveError {
  constructor(reason: string, options: { readonly advice?: string; readonly cause?: unknown } = {}) {
    super('CANNOT_COLLECT', `nothing was removed: ${reason}`, {
      advice: 'Run varve verify to learn what is damaged, and what to do.',
      ...options,
    });
  }
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
 * What of all this could be wrong is held against the index once more before anything is removed: that whatever is marked, and stands in a segment that is to go, stands
 * elsewhere too. A copy elsewhere counts when it was read and found sound.
 *
 * Segments in which verify has found damage are condemned too, so that what is damaged is stored anew by whoever has it still. One that may hold the only copy of something
 * that lives stays condemned, and is never removed before a sound copy stands elsewhere.
 *
 * On a full disk it works at the cost of a reserve (reserve.ts), and empties the segments first of which the least has to be moved.
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
    damagedSegments: 0,
    crowdedSegments: 0,
    neededBytes: 0,
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
      if (condemned.length > 0 && mayBeUsed.length > 0) return this.#wait(condemned, mayBeUsed);
      const kept = await this.#sweep(condemned, condemned);
      const all = [...kept, ...wasteful];
      // The commit point of condemning; sessions are looked for only after it.
      writeCondemned(this.#store.layout.condemned, { segments: all, waitFor: undefined });
      if (wasteful.length > 0) {
        sessions = await this.#mark();
        if (sessions.length > 0) return this.#wait(all, sessions, wasteful.length);
        kept.push(...(await this.#sweep(wasteful, all)));
      }
      writeCondemned(this.#store.layout.condemned, { segments: kept, waitFor: [] });
      return this.#result;
    } finally {
      lock.release();
    }
  }

  /** Leaves condemned segments to a later run, when those sessions have ended. */
  #wait(condemned: readonly string[], sessions: readonly string[], waiting = condemned.length): CollectorResult {
    writeCondemned(this.#store.layout.condemned, { segments: condemned, waitFor: sessions });
    this.#result.waitingSegments = waiting;
    return this.#result;
  }

  /** Empties and removes what can be of `swept`, which are some of the condemned; returns the others. */
  async #sweep(swept: readonly string[], condemned: readonly string[]): Promise<string[]> {
    // Those that damage was found in may be growing still.
    const present = listSegments(this.#store.layout);
    const written = swept.filter((id) => present.get(id)?.growing && !this.#closeGrowing(id));
    const closed = swept.filter((id) => !written.includes(id));
    const { damaged, crowded, neededBytes } = await new Sweep(this.#store, this.#liveness, condemned, this.#result).run(closed);
    this.#result.damagedSegments += damaged.length;
    this.#result.waitingSegments += written.length;
    this.#result.crowdedSegments += crowded.length;
    if (crowded.length > 0) this.#result.neededBytes = neededBytes;
    return [...damaged, ...crowded, ...written];
  }

  #lock(): LockFile {
    // A store that is made on first use has to be there before it can be locked.
    void this.#store.header;
    const lock = LockFile.try(this.#store.layout.collectorLock);
    if (lock !== undefined) return lock;
    throw new UnreachableStoreError(this.#store.name, 'another process is removing revisions or garbage right now', {
      advice: 'Wait for it to end and try again.',
    });
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
    for (const { hash, size } of blocksOf(this.#store, segment.id, ignore)) {
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

  /** Closes a growing segment that nobody writes to, so that nobody takes it up again. False when somebody does, or did until now. */
  #closeGrowing(id: string): boolean {
    const { layout, index } = this.#store;
    const path = layout.growing(id);
    const fd = openIfThere(path);
    if (fd === undefined) return false;
    try {
      if (!system().lock(fd, 'exclusive') || !fs.existsSync(path)) return false;
      cutTornEnd(fd, index.coverage().get(id) ?? 0, this.#store.hash.hashBytes);
      fs.fdatasyncSync(fd);
      fs.renameSync(path, layout.closed(id));
      syncFolder(layout.segments);
      return true;
    } finally {
      fs.closeSync(fd);
    }
  }
}

function ignore(): void {}

function openIfThere(path: string): number | undefined {
  try {
    return fs.openSync(path, 'r+');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Cuts off what a killed writer left behind its last complete record: a closed segment has none of that. */
function cutTornEnd(fd: number, indexedEnd: number, hashBytes: number): void {
  const { size } = fs.fstatSync(fd);
  for (const found of scanSegment(fd, indexedEnd, size, hashBytes)) {
    if (found.kind === 'damage' && !found.isUnreadable && found.offset + found.bytes === size) fs.ftruncateSync(fd, found.offset);
  }
}
