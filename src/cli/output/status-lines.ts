import type { DaemonStatus, PendingWork, RootStatus } from '../../serve/types.ts';
import type { StoppedStatus } from '../stopped-status.ts';
import { counted, formatCount, formatDuration, formatSize } from './amounts.ts';
import { factLines, tableLines } from './table.ts';
import { formatTime } from './times.ts';

/** The status of a daemon for people: its figures, then a line for each root. */
export function statusLines(status: DaemonStatus): string[] {
  const { state, version, pid, started, store, catalogue, memoryBytes, work, errors, roots } = status;
  return [
    ...factLines([
      ['State', state],
      ['Daemon', `varve ${version}, pid ${pid}, since ${formatTime(started)}`],
      ['Store', store],
      ['Catalogue', `${catalogue.path}, ${formatSize(catalogue.bytes)}`],
      ['Memory', formatSize(memoryBytes)],
      ['To do', workText(work)],
      ['Errors', errors === 0 ? 'none' : formatCount(errors)],
    ]),
    ...rootLines(roots),
  ];
}

/** The same where no daemon runs. */
export function stoppedLines({ catalogue, roots }: StoppedStatus): string[] {
  return [
    'No daemon runs here. Start one with: varve start',
    ...(catalogue === undefined
      ? []
      : [`What was known when the last one stopped is in ${catalogue.path}, ${formatSize(catalogue.bytes)}.`]),
    ...rootLines(roots),
  ];
}

function workText({ toScan, toHash, hashRate, etaMs }: PendingWork): string {
  const parts = [
    ...(toScan > 0 ? [`${counted(toScan, 'folder')} to scan`] : []),
    ...(toHash > 0 ? [`${counted(toHash, 'file')} to hash${hashRate > 0 ? ` at ${formatSize(hashRate)}/s` : ''}`] : []),
    ...(etaMs !== undefined ? [`${formatDuration(etaMs)} left`] : []),
  ];
  return parts.join(', ') || 'nothing';
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
