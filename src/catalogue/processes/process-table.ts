import { bootTime, executableOf, mostPids, readProcess, startedSoFar, startTicks } from './proc.ts';
import type { ProcessInfo } from './types.ts';

/** Processes remembered; each takes some hundred bytes. */
const MAX_REMEMBERED = 4096;
/**
 * For so long a pid is taken for the process it was: it comes round only after all others were used, which takes seconds at the least
 * (pid_max ≥ 32768).
 */
const TRUSTED_MS = 500;
/** Pids are given in turn. So one is not given again before so large a part of all of them was; less than all, since those in use are passed over. */
const TRUSTED_SHARE = 1 / 2;
/** How many were started is asked so often at the most: it takes as long as all else together. */
const COUNT_MS = 100;

interface Seen {
  readonly info: ProcessInfo;
  readonly ticks: bigint;
  readonly checkedMs: number;
  /** How many had been started by then on this machine. */
  readonly startedSoFar: number | undefined;
}

/**
 * Who the processes are that events name. Ask soon after the event: what is gone by then can be told only if it was seen before.
 * Synchronous, at the cost of a few small files of the kernel for a new process, and of one link for one just seen.
 */
export class ProcessTable {
  readonly #proc: string;
  readonly #bootSeconds: bigint;
  readonly #trusted: number;
  #count: { readonly atMs: number; readonly startedSoFar: number | undefined } | undefined;
  /** By pid, the longest unused first. */
  readonly #seen = new Map<number, Seen>();

  constructor(proc = '/proc') {
    this.#proc = proc;
    this.#bootSeconds = bootTime(proc);
    this.#trusted = (mostPids(proc) ?? 0) * TRUSTED_SHARE;
  }

  /** Always answers; the `started` of a process that nobody has seen is 0. `nowMs` is a clock that does not go back. */
  look(pid: number, nowMs = performance.now()): ProcessInfo {
    const seen = this.#seen.get(pid);
    if (seen && nowMs - seen.checkedMs < TRUSTED_MS && this.#runsTheSame(seen.info)) return this.#remember(seen);
    const ticks = startTicks(pid, this.#proc);
    // Gone: then it was the one last seen under this pid, unless that may have been given to another since.
    if (ticks === undefined)
      return seen && this.#isStill(seen, nowMs) ? seen.info : { pid, started: 0n, executable: undefined, unit: undefined, uid: undefined };
    const info = readProcess(pid, ticks, this.#bootSeconds, this.#proc);
    // It may have gone while it was read: what was known of it before is more.
    if (seen?.ticks === ticks && info.executable === undefined) return this.#remember(seen);
    return this.#remember({ info, ticks, checkedMs: nowMs, startedSoFar: this.#startedSoFar(nowMs) });
  }

  /** Whether the pid of one that is gone cannot have been given to another since it was seen. */
  #isStill(seen: Seen, nowMs: number): boolean {
    const started = this.#startedSoFar(nowMs);
    return started !== undefined && seen.startedSoFar !== undefined && started - seen.startedSoFar < this.#trusted;
  }

  #startedSoFar(nowMs: number): number | undefined {
    if (this.#count === undefined || nowMs - this.#count.atMs >= COUNT_MS)
      this.#count = { atMs: nowMs, startedSoFar: startedSoFar(this.#proc) };
    return this.#count.startedSoFar;
  }

  /** A shell opens the file of a redirection before it becomes the program that writes to it. */
  #runsTheSame({ pid, executable }: ProcessInfo): boolean {
    const now = executableOf(pid, this.#proc);
    return now === undefined || now === executable;
  }

  #remember(seen: Seen): ProcessInfo {
    this.#seen.delete(seen.info.pid);
    this.#seen.set(seen.info.pid, seen);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= MAX_REMEMBERED) break;
      this.#seen.delete(oldest);
    }
    return seen.info;
  }
}
