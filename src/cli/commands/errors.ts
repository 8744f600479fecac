import { showName } from '../../base/names.ts';
import { atOneMoment } from '../../catalogue/database.ts';
import { failuresOf, gapsOf } from '../../catalogue/history/journals.ts';
import { timeOf } from '../../catalogue/history/past-tree.ts';
import type { Failure, Gap } from '../../catalogue/history/types.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../options.ts';
import { formatCount } from '../output/amounts.ts';
import { tableLines } from '../output/table.ts';
import { formatTime, isoTime } from '../output/times.ts';
import { Past } from '../past.ts';

export default defineCommand({
  description: [
    'Lists what in watched folders could not be listed, looked at or read, the latest first: since when, how often, and why. What could be since is not listed any more.',
    'With --gaps, lists instead when changes may have been missed (varve did not run, or the kernel could not keep up), and how many changes the scan found that closed the gap.',
  ],
  arguments: [],
  options: { gaps: flag('--gaps', 'List gaps instead') },
  json: 'One object a line: path, code, call, first, last, count; with --gaps root, reason, opened, closed, found.',
  examples: [
    { command: 'varve errors', about: 'What cannot be read?' },
    { command: 'varve errors --gaps', about: 'When may changes have been missed?' },
  ],
  async run(context, _args, { gaps }) {
    using past = Past.open(context);
    const { output } = context;
    const list = <T>(
      found: readonly T[],
      json: (item: T) => object,
      columns: Parameters<typeof tableLines>[0],
      row: (item: T) => string[],
    ) => {
      if (output.json) for (const item of found) output.line(JSON.stringify(json(item)));
      else if (found.length === 0) output.note('None.');
      else for (const line of tableLines(columns, found.map(row))) output.line(line);
    };
    atOneMoment(past.database, () => {
      if (gaps) list(gapsOf(past.history), gapJson, GAP_COLUMNS, gapRow);
      else list(failuresOf(past.history), failureJson, COLUMNS, failureRow);
    });
  },
});

const COLUMNS = [{ title: 'LAST' }, { title: 'FIRST' }, { title: 'TIMES', align: 'right' }, { title: 'WHY' }, { title: 'PATH' }] as const;
const GAP_COLUMNS = [
  { title: 'FROM' },
  { title: 'TO' },
  { title: 'FOUND', align: 'right' },
  { title: 'WHY' },
  { title: 'FOLDER' },
] as const;

function failureRow({ path, code, call, first, last, count }: Failure): string[] {
  const shown = path === undefined ? '?' : showName(path);
  return [formatTime(timeOf(last)), formatTime(timeOf(first)), formatCount(count), `${call}: ${code}`, shown];
}

function failureJson({ path, code, call, first, last, count }: Failure): object {
  return {
    path: path === undefined ? null : showName(path),
    code,
    call,
    first: isoTime(timeOf(first)),
    last: isoTime(timeOf(last)),
    count,
  };
}

function gapRow({ root, reason, opened, closed, found }: Gap): string[] {
  const end = closed === undefined ? 'still open' : formatTime(timeOf(closed));
  return [formatTime(timeOf(opened)), end, formatCount(found), reason, root === undefined ? 'all' : showName(root)];
}

function gapJson({ root, reason, opened, closed, found }: Gap): object {
  return {
    root: root === undefined ? null : showName(root),
    reason,
    opened: isoTime(timeOf(opened)),
    closed: closed === undefined ? null : isoTime(timeOf(closed)),
    found,
  };
}
