import type { Progress } from '../../base/progress.ts';
import { formatCount, formatDuration, formatPart, formatSize } from './amounts.ts';
import { shorten, textWidth } from './text-width.ts';

const WIDE_COLUMNS = 100;
const WIDE_BAR_COLUMNS = 20;
const NARROW_BAR_COLUMNS = 10;
/** Of the piece that wanders through the bar while the total is unknown, and of one step of it. */
const WANDERER_COLUMNS = 3;
const STEP_MS = 150;
/** Too early a guess of the time left would jump about. */
const LEAST_ELAPSED_MS = 1500;
const LEAST_ITEM_COLUMNS = 8;

/** Progress as one line of at most so many columns: a bar, counts, rate, time left, and as much of the current item as fits. */
export function progressLine(progress: Progress, elapsedMs: number, columns: number): string {
  const done = doneFraction(progress);
  const width = columns < WIDE_COLUMNS ? NARROW_BAR_COLUMNS : WIDE_BAR_COLUMNS;
  const bar = done === undefined ? wanderingBar(elapsedMs, width) : `${fullBar(done, width)} ${formatPart(done, 1).padStart(6)}`;
  const line = [bar, ...figures(progress, elapsedMs)].join('  ');
  const room = columns - textWidth(line) - 2;
  if (room < 0) return shorten(line, columns);
  return progress.current === undefined || room < LEAST_ITEM_COLUMNS ? line : `${line}  ${shorten(progress.current, room)}`;
}

/** The same without a bar, for a log: `saving: 1,469  6.7 MiB  10.6 MiB/s`. */
export function plainProgressLine(progress: Progress, elapsedMs: number): string {
  const done = doneFraction(progress);
  const parts = [...(done === undefined ? [] : [formatPart(done, 1)]), ...figures(progress, elapsedMs)];
  return `${progress.phase}: ${parts.join('  ')}`;
}

function figures(progress: Progress, elapsedMs: number): string[] {
  const { doneItems, totalItems, doneBytes, totalBytes } = progress;
  const done = doneFraction(progress);
  const leftMs = done !== undefined && done > 0 && done < 1 && elapsedMs > LEAST_ELAPSED_MS ? (elapsedMs * (1 - done)) / done : undefined;
  return [
    totalItems === undefined ? (doneItems > 0 ? formatCount(doneItems) : '') : `${formatCount(doneItems)}/${formatCount(totalItems)}`,
    totalBytes === undefined ? (doneBytes > 0 ? formatSize(doneBytes) : '') : `${formatSize(doneBytes)}/${formatSize(totalBytes)}`,
    doneBytes > 0 && elapsedMs > 0 ? `${formatSize((doneBytes / elapsedMs) * 1000)}/s` : '',
    leftMs === undefined ? '' : `${leftText(leftMs)} left`,
  ].filter((part) => part !== '');
}

/** Bytes say more than items, unless there are none. */
function doneFraction({ doneItems, totalItems, doneBytes, totalBytes }: Progress): number | undefined {
  const [done, total] = totalBytes ? [doneBytes, totalBytes] : [doneItems, totalItems];
  return total === undefined || total === 0 ? undefined : Math.min(1, done / total);
}

function fullBar(done: number, width: number): string {
  const full = Math.floor(done * width);
  return `[${'#'.repeat(full)}${'-'.repeat(width - full)}]`;
}

function wanderingBar(elapsedMs: number, width: number): string {
  const places = width - WANDERER_COLUMNS;
  const step = Math.floor(elapsedMs / STEP_MS) % (2 * places);
  const at = step < places ? step : 2 * places - step;
  return `[${'-'.repeat(at)}${'#'.repeat(WANDERER_COLUMNS)}${'-'.repeat(places - at)}]`;
}

/** Tenths of a guess are noise. */
function leftText(ms: number): string {
  return ms < 59_500 ? `${Math.ceil(ms / 1000)} s` : formatDuration(ms);
}
