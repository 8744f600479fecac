import type { DatabaseSync } from 'node:sqlite';
import { firstIndex } from '../../base/first-index.ts';
import { reading } from '../rows.ts';
import { forgottenOf } from './moments.ts';

/** A step is so many rows, a millisecond. */
const BATCH_EVENTS = 1000;
/** By less than this (in ns) times go back without a clock being wrong. */
const TOLERANCE = 1_000_000_000n;
/** In ns since 1970, the year 2020: nothing was recorded before. */
const EARLIEST = 1_577_836_800_000_000_000n;

/** Events in a row of which the clock was wrong, and until when they had happened at the latest. */
interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly time: bigint;
}

/**
 * When events happened, at the latest. A clock may show another year for a while, and events have the time that it has shown: one that is not yet (a clock that goes ahead), or one
 * before that of an earlier event (a machine that starts in 1970). Such an event had happened when the next one did whose time can be right. So what is asked how long ago something was does not take it for older than it is.
 */
export class EventTimes {
  /** In order. */
  readonly #stretches: readonly Stretch[];
  readonly #now: bigint;

  private constructor(stretches: readonly Stretch[], now: bigint) {
    this.#stretches = stretches;
    this.#now = now;
  }

  /** Reads the times of all events; `now` is believed. Yields between steps. */
  static *read(database: DatabaseSync, now: bigint): Generator<void, EventTimes> {
    const page = reading(database, `SELECT id, time FROM event WHERE id > ? ORDER BY id LIMIT ${BATCH_EVENTS}`);
    page.setReturnArrays(true);
    const stretches: Stretch[] = [];
    const forgotten = forgottenOf(database)?.time ?? 0n;
    let newest = forgotten > EARLIEST && forgotten <= now ? forgotten : EARLIEST;
    let last = 0n;
    let wrongSince: bigint | undefined;
    for (;;) {
      const rows = page.all(last) as unknown as [bigint, bigint][];
      if (rows.length === 0) break;
      for (const [id, time] of rows) {
        if (time > now || time < newest - TOLERANCE) wrongSince ??= id;
        else {
          if (wrongSince !== undefined) stretches.push({ first: Number(wrongSince), last: Number(last), time });
          wrongSince = undefined;
          if (time > newest) newest = time;
        }
        last = id;
      }
      yield;
    }
    if (wrongSince !== undefined) stretches.push({ first: Number(wrongSince), last: Number(last), time: now });
    return new EventTimes(stretches, now);
  }

  /** Of the event of that number, which says `time`; not after `now`. */
  of(event: number, time: bigint): bigint {
    const stretches = this.#stretches;
    const stretch = stretches[firstIndex(stretches.length, (at) => (stretches[at] as Stretch).last >= event)];
    if (stretch !== undefined && stretch.first <= event) return stretch.time;
    return time < this.#now ? time : this.#now;
  }
}
