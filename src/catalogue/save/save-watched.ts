import { VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { save } from '../../tree/save/save.ts';
import { type SaveChangesReport, saveChanges } from '../../tree/save/save-changes.ts';
import type { SaveReport } from '../../tree/types.ts';
import { type LastSave, lastSaveFile, MOST_SUSPECTS, takeLastSave, writeLastSave } from './last-save.ts';
import type { SourceObservation } from './observe-source.ts';
import { optionsKey } from './options-key.ts';
import { type Doubt, isDoubt, type WatchedSaveRequest } from './types.ts';
import { type Base, whatIsKnown } from './what-is-known.ts';

/** Without `directories` when only what changed was looked at: nobody has counted them. */
export type WatchedSaveReport = SaveReport | SaveChangesReport;

/**
 * Saves a directory that may be watched: what has changed since its last save, where the catalogue knows that, and else everything, as `save` does. Either way the tree is the same.
 *
 * Before anything is looked at, all that has happened so far is waited for. That moment is remembered with the tree, once its revision is committed; so whatever happens behind it is looked
 * at by the next save. Errors are those of `save`.
 */
export async function saveWatched(request: WatchedSaveRequest): Promise<WatchedSaveReport> {
  const { observation, base } = await whatIsKnown(request);
  if (isDoubt(base) || observation === undefined) return saveAll(request, observation, base as Doubt);
  const report = await saveThese(request, observation, base);
  return isDoubt(report) ? saveAll(request, observation, report) : report;
}

async function saveAll(request: WatchedSaveRequest, observation: SourceObservation | undefined, why: Doubt): Promise<SaveReport> {
  request.onWay?.(why);
  const suspects = new Set<ByteName>();
  // What this save finds and no event has told of must not be lost to one that builds upon an earlier tree.
  const before = request.options.dryRun ? undefined : takeLastSave(request.cacheFile);
  const report = await save({ ...request, options: { ...request.options, onDoubt: (path) => suspects.add(path) } });
  const saved = { tree: report.tree, full: report.time, suspects };
  if (observation !== undefined) remember(request, observation, saved);
  else if (before !== undefined && isOf(before, request)) write(request, { ...before, ...saved, suspects: [...suspects] });
  return report;
}

/** A doubt when the tree of the last save cannot be built upon; there is no new revision then. */
async function saveThese(
  request: WatchedSaveRequest,
  observation: SourceObservation,
  { last, changes }: Base,
): Promise<SaveChangesReport | Doubt> {
  request.onWay?.({ paths: changes.length });
  const suspects = new Set<ByteName>();
  try {
    const options = { ...request.options, onDoubt: (path: ByteName) => suspects.add(path) };
    const report = await saveChanges({ ...request, base: last.tree, changes, options });
    remember(request, observation, { tree: report.tree, full: last.full, suspects });
    return report;
  } catch (error) {
    if (error instanceof VarveError && BASE_FAILURES.has(error.code))
      return { doubt: `the last save cannot be built upon (${error.message})` };
    throw error;
  }
}

/** By code and not by class, which is lost on the way from a thread. */
const BASE_FAILURES: ReadonlySet<string> = new Set(['BASE_GONE', 'MISSING_BLOCK', 'DAMAGED_BLOCK', 'FORMAT']);

function remember(
  request: WatchedSaveRequest,
  { moment, mounts }: SourceObservation,
  saved: { readonly tree: string; readonly full: string; readonly suspects: ReadonlySet<ByteName> },
): void {
  write(request, { ...sourceOf(request), ...saved, ...moment, mounts, suspects: [...saved.suspects] });
}

/** What was saved and how, by which a save is told from others. */
function sourceOf({ store, archive, source, options }: WatchedSaveRequest): Pick<LastSave, 'store' | 'archive' | 'source' | 'options'> {
  return { store: store.name, archive, source, options: optionsKey(options) };
}

function isOf(last: LastSave, request: WatchedSaveRequest): boolean {
  return Object.entries(sourceOf(request)).every(([name, value]) => last[name as keyof LastSave] === value);
}

/** Where too much has to be looked at again, what is known of an earlier save stays, if anything is: all that has happened since is told behind that. */
function write({ options, cacheFile }: WatchedSaveRequest, last: LastSave): void {
  if (!options.dryRun && last.suspects.length <= MOST_SUSPECTS) writeLastSave(lastSaveFile(cacheFile), last);
}
