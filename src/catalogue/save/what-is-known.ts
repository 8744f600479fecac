import type { DatabaseSync } from 'node:sqlite';
import { hasErrno, VarveError } from '../../base/errors.ts';
import type { Change } from '../../tree/save/changes.ts';
import { atOneMoment, openForReading } from '../database.ts';
import { changesSince } from './changes-since.ts';
import { type LastSave, lastSaveFile, readLastSave } from './last-save.ts';
import { eventTime, observeSource, type SourceObservation } from './observe-source.ts';
import { optionsKey } from './options-key.ts';
import { type Doubt, isDoubt, type WatchedSaveRequest } from './types.ts';

/** The last save of a source, and what may differ since. */
export interface Base {
  readonly last: LastSave;
  readonly changes: readonly Change[];
}

export interface Knowledge {
  /** Undefined when nothing can be remembered for the next save. */
  readonly observation: SourceObservation | undefined;
  readonly base: Base | Doubt;
}

/**
 * What the kernel does not tell (changes through a memory mapping before the file is closed, through a link that lies where nobody watches, by the server of a network file system)
 * is found by looking. So everything is looked at again after this time at the latest.
 */
const TRUSTED_MS = 24 * 60 * 60 * 1000;

/** Asks the catalogue what has to be looked at. One that is damaged is a doubt, and keeps nobody from saving. */
export async function whatIsKnown(request: WatchedSaveRequest): Promise<Knowledge> {
  const { source, options, observe } = request;
  try {
    using database = openForReading(request.catalogue);
    if (database === undefined) return unknown({ doubt: 'nothing is watched yet' });
    const observation = await observeSource(database, source, options, observe);
    if (isDoubt(observation)) return unknown(observation);
    const last = readLastSave(lastSaveFile(request.cacheFile));
    const base = atOneMoment(database, () => baseOf(database, request, observation, last));
    return { observation, base };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof VarveError || hasErrno(error, 'ERR_SQLITE_ERROR'))
      return unknown({ doubt: `the catalogue cannot be asked (${(error as Error).message})` });
    throw error;
  }
}

function unknown(base: Doubt): Knowledge {
  return { observation: undefined, base };
}

function baseOf(
  database: DatabaseSync,
  request: WatchedSaveRequest,
  observation: SourceObservation,
  last: LastSave | undefined,
): Base | Doubt {
  const problem = last === undefined ? 'it was not saved before while it was watched' : problemWith(database, request, observation, last);
  if (last === undefined || problem !== undefined) return { doubt: problem as string };
  const changes = changesSince(database, observation.source, last.event, last.suspects);
  return isDoubt(changes) ? changes : { last, changes };
}

/** Why the last save does not say what this one would find where nothing has happened. */
function problemWith(
  database: DatabaseSync,
  { store, archive, source, options }: WatchedSaveRequest,
  { moment, mounts }: SourceObservation,
  last: LastSave,
): string | undefined {
  if (options.readAll) return 'every file is to be read';
  if (last.store !== store.name || last.archive !== archive || last.source !== source)
    return 'it was not saved before while it was watched';
  if (last.options !== optionsKey(options)) return 'it was saved with other options or patterns before';
  if (last.catalogue !== moment.catalogue) return 'the catalogue is another one than before';
  if (last.root !== moment.root || last.scanned !== moment.scanned) return 'it was not watched all the time since it was saved';
  if (last.identity !== moment.identity) return 'another folder stood there before';
  if (eventTime(database, last.event) !== last.eventTime) return 'it has been forgotten what happened since it was saved';
  if (last.mounts.join('\0') !== mounts.join('\0')) return 'something was mounted or unmounted in it';
  const agoMs = Date.now() - Date.parse(last.full);
  // Neither is one that is yet to come, nor one that is no time.
  if (!(agoMs >= 0 && agoMs < TRUSTED_MS)) return 'the last look at everything was more than a day ago';
  return undefined;
}
