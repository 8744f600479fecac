import type { DatabaseSync } from 'node:sqlite';
import { parseRetention, parseSpan, type Retention } from '../../base/config/retention.ts';
import type { HistorySettings } from '../../base/config/types.ts';
import type { ByteName } from '../../base/names.ts';
import { wallNs } from '../../sys/clock.ts';
import { type ContentRule, type RotationPolicy, rotate } from '../history/rotate.ts';
import { Properties } from '../write/properties.ts';
import type { Chore } from './types.ts';

const DAY_NS = 86_400_000_000_000n;
const MS_NS = 1_000_000n;

export interface RotationOptions {
  readonly settings: HistorySettings;
  /** What the owner of a path says; undefined leaves it to the settings. */
  readonly retentionOf: (path: ByteName) => Retention | undefined;
  /** Contents wait in table `released`. */
  readonly onReleased: () => void;
}

/** Rotates the history once a day, and at the first start. One that was interrupted begins anew at the next. */
export class RotationChore implements Chore {
  readonly #database: DatabaseSync;
  readonly #options: RotationOptions;
  readonly #properties: Properties;
  /** In ns since 1970; undefined before the first. */
  #last: bigint | undefined;

  constructor(database: DatabaseSync, options: RotationOptions) {
    this.#database = database;
    this.#options = options;
    this.#properties = new Properties(database);
    this.#last = this.#properties.time('rotated');
  }

  dueInMs(): number {
    const now = wallNs();
    // A clock that was set back must not put it off for longer than a day.
    if (this.#last === undefined || this.#last > now) return 0;
    const due = this.#last + DAY_NS - now;
    return due > 0n ? Number(due / MS_NS) + 1 : 0;
  }

  *run(): Generator<void, void> {
    const now = wallNs();
    const { releasedContents } = yield* rotate(this.#database, policyOf(this.#options, now), now);
    this.#properties.set('rotated', now);
    this.#last = now;
    if (releasedContents > 0) this.#options.onReleased();
  }
}

/** What settings and owners mean at a time, in ns since 1970. */
export function policyOf({ settings, retentionOf }: Pick<RotationOptions, 'settings' | 'retentionOf'>, now: bigint): RotationPolicy {
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
    ruleOf: (path) => {
      const own = retentionOf(path);
      return own && ruleOf(own);
    },
  };
}
