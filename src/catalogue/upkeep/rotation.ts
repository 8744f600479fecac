import type { DatabaseSync } from 'node:sqlite';
import { parseRetention, parseSpan, type Retention } from '../../base/config/retention.ts';
import type { HistorySettings } from '../../base/config/types.ts';
import type { ByteName } from '../../base/names.ts';
import { uptimeMs, wallNs } from '../../sys/clock.ts';
import { type ContentRule, type RotationPolicy, rotate } from '../history/rotate.ts';
import { Properties } from '../write/properties.ts';
import type { Chore } from './types.ts';

const DAY_NS = 86_400_000_000_000n;
const MS_NS = 1_000_000n;
/** After longer than this since the last rotation the clock may be wrong: nothing that is forgotten comes back. */
const PLAUSIBLE_NS = 2n * DAY_NS;
/** Then it is believed when it has gone along with the machine for so long: a clock without a battery is set right within minutes of a start. */
const PROOF_MS = 3_600_000;
/** Beyond so much difference it was set. */
const DRIFT_MS = 60_000;

export interface RotationOptions {
  readonly settings: HistorySettings;
  /** What the owner of a path says; undefined leaves it to the settings. */
  readonly retentionOf: (path: ByteName) => Retention | undefined;
  /** Whether they have all been heard. */
  readonly areOwnersKnown: () => boolean;
  /** Contents wait in table `released`. */
  readonly onReleased: () => void;
  /** The machine's clocks. */
  readonly clock?: { readonly wallNs: () => bigint; readonly uptimeMs: () => number };
}

/** Rotates the history once a day, and at the first start; after a longer time when the clock has proved to be right. One that was interrupted begins anew at the next. */
export class RotationChore implements Chore {
  readonly #database: DatabaseSync;
  readonly #options: RotationOptions;
  readonly #properties: Properties;
  readonly #clock: NonNullable<RotationOptions['clock']>;
  /** In ns since 1970; undefined before the first. */
  #last: bigint | undefined;
  /** What the clocks have said when the wall clock was set last, as far as is known. */
  #set: { readonly wall: bigint; readonly upMs: number };

  constructor(database: DatabaseSync, options: RotationOptions) {
    this.#database = database;
    this.#options = options;
    this.#properties = new Properties(database);
    this.#last = this.#properties.time('rotated');
    this.#clock = options.clock ?? { wallNs, uptimeMs };
    this.#set = { wall: this.#clock.wallNs(), upMs: this.#clock.uptimeMs() };
  }

  dueInMs(): number {
    const now = this.#clock.wallNs();
    // A clock that was set back must not put it off for longer than a day.
    if (this.#last === undefined || this.#last > now) return 0;
    if (now - this.#last > PLAUSIBLE_NS) return this.#proofLeftMs(now);
    const due = this.#last + DAY_NS - now;
    return due > 0n ? Number(due / MS_NS) + 1 : 0;
  }

  /** How long the clock has to go along with the machine yet until it is believed. */
  #proofLeftMs(now: bigint): number {
    const upMs = this.#clock.uptimeMs();
    const { wall, upMs: setMs } = this.#set;
    const driftMs = Number((now - wall) / MS_NS) - (upMs - setMs);
    if (Math.abs(driftMs) > DRIFT_MS) {
      this.#set = { wall: now, upMs };
      return PROOF_MS;
    }
    return Math.max(0, PROOF_MS - (upMs - setMs));
  }

  *run(): Generator<void, void> {
    const now = this.#clock.wallNs();
    const { releasedContents } = yield* rotate(this.#database, policyOf(this.#options, now), now);
    this.#properties.set('rotated', now);
    this.#last = now;
    if (releasedContents > 0) this.#options.onReleased();
  }
}

/** What settings and owners mean at a time, in ns since 1970. */
export function policyOf(options: Pick<RotationOptions, 'settings' | 'retentionOf' | 'areOwnersKnown'>, now: bigint): RotationPolicy {
  const { settings, retentionOf, areOwnersKnown } = options;
  const { maxAge, maxEvents, retention } = settings;
  const today = Temporal.Instant.fromEpochNanoseconds(now).toZonedDateTimeISO('UTC');
  const nanoseconds = (span: Temporal.Duration) => now - today.subtract(span).epochNanoseconds;
  const ruleOf = ({ age, versions }: Retention): ContentRule => ({
    ...(age !== undefined && { age: nanoseconds(age) }),
    ...(versions !== undefined && { versions }),
  });
  return {
    ...(maxAge !== undefined && { maxAge: nanoseconds(parseSpan(maxAge)) }),
    ...(maxEvents !== undefined && { maxEvents }),
    ...(retention !== undefined && { contents: ruleOf(parseRetention(retention)) }),
    keepsContents: !areOwnersKnown(),
    ruleOf: (path) => {
      const own = retentionOf(path);
      return own && ruleOf(own);
    },
  };
}
