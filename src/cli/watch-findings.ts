import { catalogueFile, type Folders } from '../base/config/folders.ts';
import { VarveError } from '../base/errors.ts';
import { openForReading } from '../catalogue/database.ts';
import { type WatchLimits, watchLimits, watchShortages } from '../sys/watch/limits.ts';
import { NoWatcherError, openWatcher } from '../sys/watch/open.ts';
import type { WatcherKind } from '../sys/watch/types.ts';
import type { Finding } from './finding.ts';
import { counted, formatCount } from './output/amounts.ts';

const CHECK = 'watching';

/** Whether the kernel lets a daemon with the rights of this process watch all that the catalogue of this home knows. */
export function* watchingFindings(folders: Folders): Generator<Finding> {
  const { kind, problem } = attempt();
  if (kind === undefined)
    yield {
      check: CHECK,
      state: 'warning',
      found: `changes cannot be watched here: ${problem}`,
      advice: 'They are found by scanning instead.',
    };
  else if (kind === 'fanotify')
    yield { check: CHECK, state: 'good', found: 'whole file systems by fanotify, to which no limit of the kernel applies' };
  else if (kind === 'node')
    yield {
      check: CHECK,
      state: 'warning',
      found: 'by Node (fs.watch), which does not tell when it has lost an event',
      advice: 'Folders are compared at intervals besides; Linux with koffi has better.',
    };
  else yield* limitFindings(kind, watchLimits(kind), directoriesOf(folders));
}

/** What can be done so that a watcher of that kind may watch all that the catalogue of this home knows. */
export function limitAdvice(folders: Folders, kind: WatcherKind): string[] {
  if (kind === 'fanotify' || kind === 'node') return [];
  return [...limitFindings(kind, watchLimits(kind), directoriesOf(folders))].flatMap(({ state, advice }) =>
    state === 'warning' && advice !== undefined ? [advice] : [],
  );
}

/** What limits of the kernel mean for a watcher that needs a mark for each of so many directories. */
export function* limitFindings(kind: WatcherKind, limits: WatchLimits, directories: number): Generator<Finding> {
  const shortages = watchShortages(limits, directories);
  const needs = directories === 0 ? '' : `; the catalogue has ${counted(directories, 'folder')}`;
  if (shortages.length === 0) {
    yield { check: CHECK, state: 'good', found: `by ${kind}, ${limitText(limits)}${needs}` };
    return;
  }
  for (const { setting, value, needed, line } of shortages) {
    // A queue that overflows is made good by a scan; a folder without a mark, or a daemon without a queue, is not.
    const isQueue = setting === limits.events.setting;
    yield {
      check: CHECK,
      state: isQueue ? 'good' : 'warning',
      found: `by ${kind}: ${setting} is ${formatCount(value)}, and ${formatCount(needed)} would ${isQueue ? 'take longer bursts' : 'be better'}${needs}`,
      advice: `As root: sysctl -w '${line.replace(' = ', '=')}' && echo '${line}' >> /etc/sysctl.d/60-varve.conf`,
    };
  }
}

function limitText({ marks, events }: WatchLimits): string {
  const most = marks.value === undefined ? 'any number of folders' : `${formatCount(marks.value)} folders at the most`;
  return events.value === undefined ? most : `${most}, ${formatCount(events.value)} events in a queue`;
}

/** The kind that a daemon would use, or why none works. */
function attempt(): { readonly kind: WatcherKind; readonly problem?: never } | { readonly kind?: never; readonly problem: string } {
  try {
    const { watcher } = openWatcher([]);
    watcher.close();
    return { kind: watcher.kind };
  } catch (error) {
    if (!(error instanceof NoWatcherError)) throw error;
    return { problem: error.refused.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ') };
  }
}

/** Folders of the catalogue; 0 without one that can be read. */
function directoriesOf(folders: Folders): number {
  try {
    const database = openForReading(catalogueFile(folders));
    if (database === undefined) return 0;
    try {
      return Number(database.prepare('SELECT count(*) AS count FROM directory').get()?.count);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof VarveError) return 0;
    throw error;
  }
}
