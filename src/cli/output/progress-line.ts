import type { Progress } from '../../base/progress.ts';
import { formatCount, formatDuration, formatPart, formatSize } from './amounts.ts';
import { shorten, textWidth } from './text-width.ts';

const BAR_COLUMNS = 20;
/** Too early a guess of the time left would jump about. */
const LEAST_ELAPSED_MS = 1500;

/** Progress as one line of at most so many columns: a bar when the total is known, counts, rate, time left, and as much of the current item as fits. */
export function progressLine(progress: Progress, elapsedMs: number, columns: number, withBar = true): string {
  const { phase, doneItems, totalItems, doneBytes, totalBytes, current } = progress;
  const done = doneFraction(progress);
  const parts = [
    done !== undefined && withBar ? `${bar(done)} ${formatPart(done, 1).padStart(6)}` : phase,
    totalItems === undefined ? formatCount(doneItems) : `${formatCount(doneItems)}/${formatCount(totalItems)}`,
    totalBytes === undefined ? formatSize(doneBytes) : `${formatSize(doneBytes)}/${formatSize(totalBytes)}`,
    doneBytes > 0 && elapsedMs > 0 ? `${formatSize((doneBytes / elapsedMs) * 1000)}/s` : '',
    done !== undefined && done > 0 && done < 1 && elapsedMs > LEAST_ELAPSED_MS
      ? `${formatDuration(roundUp((elapsedMs * (1 - done)) / done))} left`
      : '',
  ];
  const line = parts.filter((part) => part !== '').join('  ');
  const room = columns - textWidth(line) - 2;
  if (room < 0) return shorten(line, columns);
  return current === undefined || room < 8 ? line : `${line}  ${shorten(current, room)}`;
}

/** Bytes say more than items, unless there are hardly any. */
function doneFraction({ doneItems, totalItems, doneBytes, totalBytes }: Progress): number | undefined {
  const [done, total] = totalBytes ? [doneBytes, totalBytes] : [doneItems, totalItems];
  return total === undefined || total === 0 ? undefined : Math.min(1, done / total);
}

function bar(done: number): string {
  const full = Math.round(done * BAR_COLUMNS);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_COLUMNS - full)}]`;
}

/** Whole seconds: tenths of a guess are noise. */
function roundUp(ms: number): number {
  return Math.max(10_000, Math.ceil(ms / 1000) * 1000);
}
