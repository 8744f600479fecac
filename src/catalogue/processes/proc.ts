import fs from 'node:fs';
import type { ByteName } from '../../base/names.ts';
import type { ProcessInfo } from './types.ts';

/** USER_HZ, in which the kernel tells times to programs: 100 on every architecture that Node runs on (include/asm-generic/param.h). */
const TICKS_PER_SECOND = 100n;
const DELETED = ' (deleted)';
const UNIT = /^[^/]+\.(service|scope|socket|mount|swap)$/;

/**
 * When a process began, as a number of ticks since the machine did: with the pid it tells it from all others. Undefined when it is gone.
 * Cheap: one file.
 */
export function startTicks(pid: number, proc = '/proc'): bigint | undefined {
  const stat = readIfThere(`${proc}/${pid}/stat`);
  // The name in parentheses may hold anything; field 22 is the twentieth behind it (proc_pid_stat(5)).
  const field = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return field === undefined || !/^\d+$/.test(field) ? undefined : BigInt(field);
}

/** What is known of a process that began at `ticks`. Parts that this user may not see, or that are gone by now, are undefined. */
export function readProcess(pid: number, ticks: bigint, bootSeconds: bigint, proc = '/proc'): ProcessInfo {
  const uid = /^Uid:\t(\d+)/m.exec(readIfThere(`${proc}/${pid}/status`) ?? '')?.[1];
  return {
    pid,
    started: bootSeconds * 1_000_000_000n + (ticks * 1_000_000_000n) / TICKS_PER_SECOND,
    executable: executableOf(pid, proc),
    unit: unitOf(readIfThere(`${proc}/${pid}/cgroup`) ?? ''),
    uid: uid === undefined ? undefined : Number(uid),
  };
}

/** How many processes and threads were ever started on this machine; undefined where it does not say. */
export function startedSoFar(proc = '/proc'): number | undefined {
  const found = /^processes (\d+)$/m.exec(readIfThere(`${proc}/stat`) ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Beyond this no pid goes; undefined where the machine does not say. */
export function mostPids(proc = '/proc'): number | undefined {
  const text = readIfThere(`${proc}/sys/kernel/pid_max`)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** When the machine started, in seconds since 1970. It moves as the clock is set, so it is read once and kept. */
export function bootTime(proc = '/proc'): bigint {
  return BigInt(/^btime (\d+)$/m.exec(readIfThere(`${proc}/stat`) ?? '')?.[1] ?? 0);
}

/** The innermost unit in a process's control groups: of the unified hierarchy (`0::PATH`), or of systemd's own. */
export function unitOf(cgroup: string): string | undefined {
  for (const prefix of [/^\d+:name=systemd:/, /^0::/]) {
    const line = cgroup.split('\n').find((candidate) => prefix.test(candidate));
    const unit = line
      ?.replace(prefix, '')
      .split('/')
      .findLast((part) => UNIT.test(part));
    if (unit !== undefined) return unit.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  return undefined;
}

/** What a process runs now; it changes when the process replaces itself (execve). Undefined where it is gone or not to be seen. */
export function executableOf(pid: number, proc = '/proc'): ByteName | undefined {
  try {
    const target = fs.readlinkSync(`${proc}/${pid}/exe`, 'latin1');
    return (target.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target) as ByteName;
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

/** Whatever the kernel says: it is gone, may not be seen, or has made its path longer than any call takes. Who wrote is never worth an end of the daemon. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
