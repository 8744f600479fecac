import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { readMounts } from '../../sys/mounts.ts';
import { Exclusion } from '../../tree/save/exclusion.ts';
import type { SaveOptions } from '../../tree/types.ts';
import { atOneMoment } from '../database.ts';
import { forgottenOf } from '../history/moments.ts';
import type { Moment } from '../history/types.ts';
import { skippedOf } from '../numbers.ts';
import { type Row, reading } from '../rows.ts';
import type { Observed } from '../service-types.ts';
import type { CatalogueMoment } from './last-save.ts';
import { mountsIn } from './mounted.ts';
import { type Doubt, isDoubt, type Observe, type WatchedSource } from './types.ts';
import { doubtOfUnwatched, findRoot, findWatched } from './watched-source.ts';

/** So long is waited: a burst of some thousand changes is taken in within that time. And for each file this much more, since to look at everything takes so long too. */
const PATIENCE_MS = 2000;
const PATIENCE_FILE_MS = 0.02;

/** What is known of a source at a moment up to which everything has been observed. */
export interface SourceObservation {
  readonly source: WatchedSource;
  readonly moment: CatalogueMoment;
  /** Mount points in it, sorted; see `mountsIn`. */
  readonly mounts: readonly ByteName[];
}

/** Waits for all that has happened to the source so far, unless there is a doubt that waiting does not end. */
export async function observeSource(
  database: DatabaseSync,
  path: ByteName,
  options: SaveOptions,
  observe: Observe,
): Promise<SourceObservation | Doubt> {
  const root = atOneMoment(database, () => findRoot(database, path));
  if (isDoubt(root)) return root;
  const patienceMs = Math.round(PATIENCE_MS + root.files * PATIENCE_FILE_MS);
  const isLeftOut = leftOutBy(options);
  const mounts = mountsIn(path, readMounts(), { oneFileSystem: options.oneFileSystem === true, isLeftOut });
  if (isDoubt(mounts)) return mounts;
  const observed = await observedSoon(observe, patienceMs, options.signal);
  if (isDoubt(observed)) return observed;
  return atOneMoment(database, () => {
    const source = findWatched(database, path);
    if (isDoubt(source)) return source;
    const { moment: event, unwatched } = observed;
    const time = eventTime(database, event);
    const catalogue = database.prepare("SELECT value FROM property WHERE name = 'identity'").get()?.value;
    if (time === undefined || typeof catalogue !== 'string') return { doubt: 'what happened last has been forgotten already' };
    const { root, scanned, identity } = source;
    const moment = { catalogue, event, eventTime: time, root, scanned, identity };
    return doubtOfUnwatched(path, unwatched, isLeftOut) ?? { source, moment, mounts };
  });
}

/** The time of an event in ns; undefined when rotation has dropped it, and not as the last one, or it never was. 0 as long as nothing has happened since the catalogue was put back from a copy. */
export function eventTime(database: DatabaseSync, event: Moment): string | undefined {
  const row = reading(database, 'SELECT time FROM event WHERE id = ?').get(event) as Row | undefined;
  if (row !== undefined) return String(row.time);
  if (skippedOf(database).some(({ upTo }) => upTo === event)) return '0';
  const forgotten = forgottenOf(database);
  if ((forgotten?.event ?? 0) !== event) return undefined;
  return String(forgotten?.time ?? 0n);
}

async function observedSoon(observe: Observe, patienceMs: number, signal: AbortSignal | undefined): Promise<Observed | Doubt> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    return await observe(signal === undefined ? patience : AbortSignal.any([signal, patience]));
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.aborted) return { doubt: 'what happens there just now is more than the catalogue can take in at once' };
    if (error instanceof VarveError) return { doubt: error.message };
    throw error;
  }
}

/** Whether the rules that the user gave leave out a directory below the source. */
function leftOutBy(options: SaveOptions): (path: ByteName) => boolean {
  const exclusion = Exclusion.fromOptions(options);
  if (exclusion.isEmpty) return () => false;
  return (path) => path.split('/').some((_, at, names) => exclusion.excludes(`${names.slice(0, at + 1).join('/')}/`));
}
