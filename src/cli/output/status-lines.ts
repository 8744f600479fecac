import type { DaemonStatus, PendingWork, RootStatus } from '../../serve/types.ts';
import type { WatcherKind } from '../../sys/watch/types.ts';
import type { StoppedStatus } from '../stopped-status.ts';
import { counted, formatCount, formatDuration, formatSize } from './amounts.ts';
import { factLines, tableLines } from './table.ts';
import { formatTime } from './times.ts';

/** What can be done so that the kernel lets more be watched by a kind of watcher; nothing where it does by now. */
export type LimitAdvice = (watcher: WatcherKind) => readonly string[];

/** The status of a daemon for people: its figures, then a line for each root, then what is not watched and what can be done about it. */
export function statusLines(status: DaemonStatus, advise: LimitAdvice): string[] {
  const { state, version, pid, started, store, catalogue, memoryBytes, work, errors, roots, outage } = status;
  return [
    ...factLines([
      ['State', state],
      ['Daemon', `varve ${version}, pid ${pid}, since ${formatTime(started)}`],
      ['Store', store],
      ['Catalogue', `${catalogue.path}, ${formatSize(catalogue.bytes)}`],
      ['Memory', formatSize(memoryBytes)],
      ['To do', workText(work, state)],
      ['Errors', errors === 0 ? 'none' : formatCount(errors)],
    ]),
    ...rootLines(roots),
    ...missingLines(roots),
    ...unwatchedLines(roots, advise),
    ...outageLines(outage),
  ];
}

/** Why nothing can be kept or observed, if that is so. */
export function outageLines(outage: DaemonStatus['outage']): string[] {
  if (outage === undefined) return [];
  const { of, message, advice } = outage;
  return [
    '',
    `${of === 'store' ? 'No file can be kept' : 'Nothing can be observed'}: ${message}`,
    advice ?? [],
    'It is tried again by itself.',
  ].flat();
}

/** The same where no daemon runs. */
export function stoppedLines({ catalogue, roots }: StoppedStatus): string[] {
  return [
    'No daemon runs here. Start one with: varve start',
    ...(catalogue === undefined
      ? []
      : [`What was known when the last one stopped is in ${catalogue.path}, ${formatSize(catalogue.bytes)}.`]),
    ...rootLines(roots),
    ...missingLines(roots),
  ];
}

function workText({ toScan, toHash, hashRate, etaMs }: PendingWork, state: DaemonStatus['state']): string {
  const parts = [
    ...(toScan > 0 ? [`${counted(toScan, 'folder')} to scan`] : []),
    ...(toHash > 0 ? [`${counted(toHash, 'file')} to hash${hashRate > 0 ? ` at ${formatSize(hashRate)}/s` : ''}`] : []),
    ...(etaMs !== undefined ? [`${formatDuration(etaMs)} left`] : []),
  ];
  return parts.join(', ') || (state === 'starting' || state === 'scanning' ? 'what the scan finds' : 'nothing');
}

function rootLines(roots: readonly RootStatus[]): string[] {
  if (roots.length === 0) return [];
  const rows = roots.map(({ path, nodes, scanned, hashed, kept, bytes, gaps, watcher, scanning }) => [
    path,
    ...[nodes, scanned, hashed, kept].map(formatCount),
    formatSize(bytes),
    formatCount(gaps),
    scanning ? `${watcher}, scanning` : watcher,
  ]);
  return ['', ...tableLines(COLUMNS, rows)];
}

/** What is known of a root that is not there is no statement about the disk. */
export function missingLines(roots: readonly RootStatus[]): string[] {
  const lines = roots
    .filter(({ missing }) => missing)
    .map(({ path }) => `${path} is not in its place: what is known of it stays as it was, and it is watched when it is back.`);
  return lines.length === 0 ? [] : ['', ...lines];
}

function unwatchedLines(roots: readonly RootStatus[], advise: LimitAdvice): string[] {
  const lines = roots.flatMap(({ path, unwatched }) =>
    unwatched.map(({ directories, reason, code }) => {
      const verb = directories === 1 ? 'is' : 'are';
      return `${path}: ${counted(directories, 'folder')} ${verb} compared at intervals: ${code === 'NO_WATCHER' ? 'nothing can be watched here' : REASONS[reason]}.`;
    }),
  );
  const limited = roots.find(({ unwatched }) => unwatched.some(({ reason }) => reason === 'watch limit'))?.watcher;
  const advice = limited === undefined || limited === 'none' ? [] : advise(limited);
  return lines.length === 0 ? [] : ['', ...lines, ...advice, 'More about it: varve doctor'];
}

const REASONS = {
  'watch limit': 'the kernel allows no more to be watched',
  'not watchable': 'the file system cannot be watched',
  'loss untold': 'what watches does not tell when it has lost something',
  'not listed': 'varve could not list what is in there (see varve errors)',
} as const;

const COLUMNS = [
  { title: 'ROOT' },
  { title: 'NODES', align: 'right' },
  { title: 'SCANNED', align: 'right' },
  { title: 'HASHED', align: 'right' },
  { title: 'KEPT', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'GAPS', align: 'right' },
  { title: 'WATCHER' },
] as const;
