import { blame } from '../../catalogue/history/blame.ts';
import { timeOf } from '../../catalogue/history/past-tree.ts';
import { EVENT_KINDS } from '../../catalogue/types.ts';
import { defineCommand } from '../command.ts';
import { makerJson, makerText } from '../event-json.ts';
import { text, value } from '../options.ts';
import { formatChange, formatCount } from '../output/amounts.ts';
import { tableLines } from '../output/table.ts';
import { formatTime, isoTime } from '../output/times.ts';
import { knownPath, Past } from '../past.ts';
import { tellForgotten } from '../tell-forgotten.ts';
import { givenPeriod } from '../times-given.ts';

export default defineCommand({
  description: [
    'Shows which programs and users made the changes of a watched file or folder: how many, and by how many bytes files grew and shrank. Changes that no source could name an originator of, as those found by scans, come together as "not known".',
  ],
  arguments: [{ name: 'PATH', about: 'A watched file or folder; everything when left out', optional: true, complete: 'file' }],
  options: {
    since: value('--since TIME', 'Only changes at or after this time: 2026-03-01, "yesterday 17:00", or 7d', text),
    until: value('--until TIME', 'Only changes before this time', text),
  },
  json: 'One object a line for each program and user: process, unit, user, uid, events, addedBytes, removedBytes, last, and counts by kind of event.',
  examples: [
    { command: 'varve blame ~/docs/report.odt', about: 'Who changed this file?' },
    { command: 'varve blame ~ --since 1h', about: 'Which programs wrote into the home folder in the last hour?' },
  ],
  async run(context, [path], { since, until }) {
    const { output } = context;
    using past = Past.open(context);
    const [from, to] = await givenPeriod(since, until);
    tellForgotten(context, past.database, from);
    const found = blame(past.history, {
      ...(path !== undefined && { path: knownPath(past, path) }),
      ...(from !== undefined && { since: from }),
      ...(to !== undefined && { until: to }),
    });
    if (output.json) {
      for (const { maker, last, ...sums } of found)
        output.line(JSON.stringify({ ...makerJson(maker), ...sums, last: isoTime(timeOf(last)) }));
      return;
    }
    const rows = found.map(({ maker, events, addedBytes, removedBytes, last, counts }) => [
      formatCount(events),
      formatChange(addedBytes),
      formatChange(-removedBytes),
      formatTime(timeOf(last)),
      maker === undefined ? 'not known' : makerText(maker),
      EVENT_KINDS.flatMap((kind) => (counts[kind] === undefined ? [] : `${formatCount(counts[kind])} ${kind}`)).join(', '),
    ]);
    for (const line of tableLines(COLUMNS, rows)) output.line(line);
  },
});

const COLUMNS = [
  { title: 'EVENTS', align: 'right' },
  { title: 'GREW', align: 'right' },
  { title: 'SHRANK', align: 'right' },
  { title: 'LAST' },
  { title: 'BY' },
  { title: 'WHAT' },
] as const;
