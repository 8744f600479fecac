import { showName } from '../base/names.ts';
import { atOneMoment } from '../catalogue/database.ts';
import { momentOf } from '../catalogue/history/moments.ts';
import { readPastReference } from '../catalogue/history/past-reference.ts';
import { timeOf } from '../catalogue/history/past-tree.ts';
import { type Version, versionsOf } from '../catalogue/history/versions.ts';
import { NotFoundError } from '../tree/resolve-reference.ts';
import type { Context } from './context.ts';
import { makerText, versionJson } from './event-json.ts';
import { formatSize } from './output/amounts.ts';
import { tableLines } from './output/table.ts';
import { formatTime } from './output/times.ts';
import { Past } from './past.ts';

/** Prints what a path of a watched folder held, newest first; with a time, begins there. Throws NotFoundError when it never held anything. */
export async function logOfLivePath(context: Context, text: string, limit: number): Promise<void> {
  const reference = await readPastReference(text, new Date());
  if (reference === undefined) throw new TypeError(`${text} is no path`);
  using past = Past.open(context);
  const { history, database } = past;
  const path = past.locate(reference.path);
  const versions = atOneMoment(database, () => {
    const until = reference.time === undefined ? {} : { until: momentOf(database, reference.time) };
    return versionsOf(history, path, { limit, ...until });
  });
  if (versions.length === 0)
    throw new NotFoundError(`version of ${showName(path)} that is known`, [], 'What happened around it: varve events FOLDER');
  const { output } = context;
  if (output.json) for (const version of versions) output.line(JSON.stringify(versionJson(version)));
  else for (const line of tableLines(COLUMNS, versions.map(rowOf))) output.line(line);
}

const COLUMNS = [
  { title: 'TIME' },
  { title: 'WHAT' },
  { title: 'SIZE', align: 'right' },
  { title: 'KEPT' },
  { title: 'BY' },
  { title: 'PATH' },
] as const;

function rowOf({ time, kind, path, from, state, kept, maker }: Version): string[] {
  const shown = path === undefined ? '?' : showName(path);
  return [
    formatTime(timeOf(time)),
    kind,
    state === undefined ? '' : state.kind === 'file' ? formatSize(state.size) : state.kind,
    kept ? 'yes' : '',
    makerText(maker),
    from === undefined ? shown : `${showName(from)} → ${shown}`,
  ];
}
