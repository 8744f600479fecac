import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { linuxSystem } from './linux/system.ts';
import { portableSystem } from './portable/system.ts';
import { whyNotNative } from './posix/libc.ts';
import type { System } from './types.ts';

let chosen: System | undefined;

/** What threads that are started from here on have to have too, since they are handed descriptors. */
const CHOSEN = 'varve: system';

/**
 * The system calls of this platform: Linux's own where koffi loads, else the portable ones; `VARVE_SYS=portable` forces those.
 * Chosen at the first call and the same from then on, so callers may keep it.
 */
export function system(): System {
  chosen ??= choose();
  return chosen;
}

/** Lets a test put a system in between (one that fails when told to). Call it before anything else uses the system. */
export function useSystem(replacement: System): void {
  chosen = replacement;
}

function choose(): System {
  const isKnownLinux = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
  const above = getEnvironmentData(CHOSEN);
  if (!isKnownLinux || process.env.VARVE_SYS === 'portable' || above === 'portable') return portableSystem;
  const reason = whyNotNative();
  if (reason !== undefined && above === 'linux')
    throw new Error('koffi, which another thread of this process has loaded, does not load in this one', { cause: reason });
  setEnvironmentData(CHOSEN, reason === undefined ? 'linux' : 'portable');
  return reason === undefined ? linuxSystem : portableSystem;
}
