import { UsageError } from '../../base/errors.ts';
import { showName } from '../../base/names.ts';
import { timeOf } from '../../catalogue/history/past-tree.ts';
import { type SizePoint, sizesOf } from '../../catalogue/history/sizes.ts';
import { defineCommand } from '../command.ts';
import { count, text, value } from '../options.ts';
import { formatChange, formatCount, formatSize } from '../output/amounts.ts';
import { tableLines } from '../output/table.ts';
import { formatTime, isoTime } from '../output/times.ts';
import { knownPath, Past } from '../past.ts';
import { givenPeriod } from '../times-given.ts';

const BLOCK_BYTES = 512;
const POINTS = 24;
const MOST_POINTS = 10_000;
const DAY_NS = 86_400_000_000_000n;

export default defineCommand({
  description: [
    'Shows how the size of watched files and folders went through time: everything below them, each name counting. Times before anything is known of a folder are left out.',
    'For times whose events were dropped by rotation, it is the size of the day before; such lines are marked with ~.',
  ],
  arguments: [{ name: 'PATH', about: 'Watched files or folders', many: true, complete: 'file' }],
  options: {
    since: value('--since TIME', 'Begin at this time: 2026-03-01, "yesterday 17:00", or 7d; a day before the end when left out', text),
    until: value('--until TIME', 'End at this time; now when left out', text),
    points: value('--points N', `Show so many points in time, at most ${formatCount(MOST_POINTS)}; ${POINTS} when left out`, count),
  },
  json: 'One object a line: path, time, size, disk (bytes), files, directories, and summary where events were dropped.',
  examples: [
    { command: 'varve sizes ~/Downloads --since 30d --points 30', about: 'How did a folder grow, day by day?' },
    { command: "varve sizes ~/docs ~/music --since 'last monday' --points 2", about: 'What grew since Monday?' },
  ],
  async run(context, paths, { since, until, points = POINTS }) {
    const { output } = context;
    const now = BigInt(Date.now()) * 1_000_000n;
    if (points === 0 || points > MOST_POINTS) throw new UsageError(`--points must be from 1 to ${formatCount(MOST_POINTS)}`);
    const [from, to] = await givenPeriod(since, until);
    const end = to ?? now;
    const start = from ?? end - DAY_NS;
    const times = evenly(start, end, points);
    using past = Past.open(context);
    for (const text of paths) {
      const path = knownPath(past, text);
      const found = sizesOf(past.history, path, times);
      if (output.json) for (const point of found) output.line(JSON.stringify({ path: showName(path), ...pointJson(point) }));
      else for (const line of [`${showName(path)}`, ...tableLines(COLUMNS, found.map(rowOf))]) output.line(line);
    }
  },
});

const COLUMNS = [
  { title: 'TIME' },
  { title: 'SIZE', align: 'right' },
  { title: 'GROWTH', align: 'right' },
  { title: 'ON DISK', align: 'right' },
  { title: 'FILES', align: 'right' },
] as const;

/** From one time to another; the last one is always there. */
function evenly(start: bigint, end: bigint, points: number): bigint[] {
  if (points === 1 || end <= start) return [end];
  return Array.from({ length: points }, (_, i) => start + ((end - start) * BigInt(i)) / BigInt(points - 1));
}

function rowOf({ time, size, disk, files, isSummary }: SizePoint, i: number, all: readonly SizePoint[]): string[] {
  const growth = size - (all[i - 1]?.size ?? size);
  const change = growth === 0 ? '' : formatChange(growth);
  return [
    `${formatTime(timeOf(time))}${isSummary ? ' ~' : ''}`,
    formatSize(size),
    change,
    formatSize(disk * BLOCK_BYTES),
    formatCount(files),
  ];
}

function pointJson({ time, size, disk, files, directories, isSummary }: SizePoint): Record<string, unknown> {
  return { time: isoTime(timeOf(time)), size, disk: disk * BLOCK_BYTES, files, directories, ...(isSummary && { summary: true }) };
}
