import { readFileSync } from 'node:fs';
import type { KernelWatcherKind } from './types.ts';

/** One of the kernel's limits: the name of its sysctl, and its value; undefined where this kernel has no such limit. */
export interface WatchLimit {
  readonly setting: string;
  readonly value: number | undefined;
}

export interface WatchLimits {
  /** Marks of a user: one for each directory. */
  readonly marks: WatchLimit;
  /** Queues of a user. */
  readonly queues: WatchLimit;
  /** Events that wait in one queue; one that was opened before keeps the limit it had. */
  readonly events: WatchLimit;
}

/** A limit that is too low, what is needed, and the line for sysctl(8) or a file of /etc/sysctl.d that mends it. */
export interface WatchShortage {
  readonly setting: string;
  readonly value: number;
  readonly needed: number;
  readonly line: string;
}

/** Names of the limits of unprivileged queues. Those of the privileged have neither marks nor events limited. */
const SETTINGS = {
  inotify: ['fs.inotify.max_user_watches', 'fs.inotify.max_user_instances', 'fs.inotify.max_queued_events'],
  'fanotify-marks': ['fs.fanotify.max_user_marks', 'fs.fanotify.max_user_groups', 'fs.fanotify.max_queued_events'],
} as const;

/** Left to the other programs of the user: editors, desktops. It was the kernel's whole allowance for a user until Linux 5.11. */
const OTHERS_MARKS = 8192;
/** The kernel's default; desktops use dozens. */
const QUEUES = 128;
/**
 * What a program at full speed makes within a quarter of a second, so that a reader that pauses so long misses nothing: touch(1) was seen to make
 * 430 000 events a second of new files in memory.
 */
const EVENTS = 100_000;

/** The limits of the unprivileged kinds. */
export function watchLimits(kind: Exclude<KernelWatcherKind, 'fanotify'>): WatchLimits {
  const [marks, queues, events] = SETTINGS[kind];
  return { marks: readLimit(marks), queues: readLimit(queues), events: readLimit(events) };
}

/** Which of `limits` are too low to watch this many directories. */
export function watchShortages({ marks, queues, events }: WatchLimits, directories: number): WatchShortage[] {
  return [shortage(marks, directories + OTHERS_MARKS), shortage(queues, QUEUES), shortage(events, EVENTS)].filter(
    (each) => each !== undefined,
  );
}

function shortage({ setting, value }: WatchLimit, needed: number): WatchShortage | undefined {
  if (value === undefined || value >= needed) return undefined;
  return { setting, value, needed, line: `${setting} = ${nextPowerOfTwo(needed)}` };
}

/** So that growth does not ask for a new number each time. */
function nextPowerOfTwo(number: number): number {
  return 2 ** Math.ceil(Math.log2(number));
}

function readLimit(setting: string): WatchLimit {
  try {
    return { setting, value: Number(readFileSync(`/proc/sys/${setting.replaceAll('.', '/')}`, 'latin1')) };
  } catch {
    return { setting, value: undefined };
  }
}
