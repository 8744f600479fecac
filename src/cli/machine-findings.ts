import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Folders } from '../base/config/folders.ts';
import { hasCapability } from '../sys/rights.ts';
import type { Finding } from './finding.ts';
import { formatDuration, formatSize } from './output/amounts.ts';
import { formatTime } from './output/times.ts';

const LITTLE_SPACE_BYTES = 1024 ** 3;
/** Clocks of machines that share a disk differ by seconds. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Whether this process may write at `path`, which need not exist yet, and how much more its file system takes. */
export function placeFinding(check: string, path: string, purpose: string, advice: string): Finding {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  if (!mayWrite(folder))
    return {
      check,
      state: 'bad',
      found: `${folder} cannot be written, which ${purpose} needs`,
      advice: `Check whom it belongs to: ls -ld ${folder}`,
    };
  const { bavail, bsize } = statfsSync(folder);
  const found = `${formatSize(bavail * bsize)} free for ${purpose}`;
  return bavail * bsize >= LITTLE_SPACE_BYTES ? { check, state: 'good', found } : { check, state: 'warning', found, advice };
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * History is told in the times of this clock. Nothing here can be newer than now: neither the program nor what varve wrote last. A machine without a battery for
 * its clock starts in 1970, or when its system was made.
 */
export function clockFinding(folders: Folders, nowMs: number): Finding {
  const written = [
    fileURLToPath(new URL('../../package.json', import.meta.url)),
    join(folders.dataDir, 'catalogue.db'),
    join(folders.stateDir, 'varve.log'),
  ];
  const newestMs = Math.max(...written.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
  const found = formatTime(new Date(nowMs).toISOString());
  if (nowMs >= newestMs - CLOCK_TOLERANCE_MS) return { check: 'clock', state: 'good', found };
  return {
    check: 'clock',
    state: 'warning',
    found: `${found}, which is ${formatDuration(newestMs - nowMs)} before varve was installed, or last wrote something here`,
    advice: 'Set the clock, by NTP for preference: the times in your history would be wrong.',
  };
}

/** What the rights of this process mean for a daemon with the same. To have none of them is no fault. */
export function rightsFinding(): Finding {
  const lacking = (['CAP_SYS_ADMIN', 'CAP_DAC_READ_SEARCH'] as const).filter((capability) => !hasCapability(capability));
  const watching =
    lacking.length === 0
      ? 'whole file systems can be watched at once, with the programs that make changes'
      : `folders are watched one by one, without the programs that make changes (that needs ${lacking.join(' and ')})`;
  const reading = lacking.includes('CAP_DAC_READ_SEARCH') ? 'files of others only where they allow it' : 'every file can be read';
  return { check: 'rights', state: 'good', found: `${watching}; ${reading}` };
}
