import { VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';

/** The path is in no directory that is watched. */
export class NotWatchedError extends VarveError {
  constructor(path: ByteName, roots: readonly ByteName[]) {
    super('NOT_WATCHED', `${showName(path)} is in no folder that is watched`, {
      advice: roots.length === 0 ? 'Nothing is watched yet: varve start DIR' : `Watched are: ${roots.map(showName).join(', ')}`,
    });
  }
}

/** The path was in no directory that was watched at that time, and was in one before. `since` and `until`, in ns, say for how long, as far as that is known; it still is not without `until`. */
export class NotWatchedThenError extends VarveError {
  readonly since: bigint | undefined;
  readonly until: bigint | undefined;

  constructor(path: ByteName, since: bigint | undefined, until: bigint | undefined) {
    const from = since === undefined ? '' : ` from ${Temporal.Instant.fromEpochNanoseconds(since)}`;
    const to = until === undefined ? ' on' : ` until ${Temporal.Instant.fromEpochNanoseconds(until)}`;
    super('NOT_WATCHED_THEN', `${showName(path)} was not watched${from === '' ? ' then' : from + to}`, {
      advice: 'What it held in that time is not known. Ask for another time.',
    });
    this.since = since;
    this.until = until;
  }
}

/** The history does not reach back that far. `known` is when it begins, in ns. */
export class TooEarlyError extends VarveError {
  readonly known: bigint;

  constructor(problem: string, known: bigint) {
    super('TOO_EARLY', `${problem} ${Temporal.Instant.fromEpochNanoseconds(known)}`, { advice: 'Ask for a later time.' });
    this.known = known;
  }
}

/** A moment that the catalogue has never been at: it was put back from a copy that was made before. */
export class UnknownMomentError extends VarveError {
  constructor(moment: string) {
    super('UNKNOWN_MOMENT', `the catalogue knows no moment ${moment}: it may have been put back from a copy since`, {
      advice: 'Look at everything anew, and get another moment with: varve sync-point',
    });
  }
}

/** The catalogue that is open is not the one that is in its place by now: a copy was put back, or it was made anew. */
export class CatalogueReplacedError extends VarveError {
  constructor(path: string) {
    super('CATALOGUE_REPLACED', `another catalogue has taken the place of ${path}`, {
      advice: 'Begin again, with the one that is there now.',
    });
  }
}

/** There was nothing at that path at that time. */
export class NothingThereError extends VarveError {
  constructor(path: ByteName, when: string | undefined) {
    super('NOT_FOUND', `there ${when === undefined ? 'is' : 'was'} no ${showName(path)}${when === undefined ? '' : ` at ${when}`}`, {
      advice: `What is known of it is listed by: varve log ${showName(path)}`,
    });
  }
}

/** It may have been there: nobody has ever looked into a folder above it. */
export class NotListedError extends VarveError {
  constructor(path: ByteName, folder: ByteName) {
    super('NOT_LISTED', `nothing is known of ${showName(path)}: ${showName(folder)} was never listed`, {
      advice: 'What could not be listed, and why, is told by: varve errors',
    });
  }
}

/** What a file held then is not in the store. */
export class NotKeptError extends VarveError {
  constructor(path: string, reason: string) {
    super('NOT_KEPT', `the content of ${path} was not kept: ${reason}`, {
      advice: `Other versions may have been: varve log ${path}`,
    });
  }
}
