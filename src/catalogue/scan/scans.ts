import { Worker } from 'node:worker_threads';
import { EndableThread } from '../../base/endable-thread.ts';
import type { ByteName } from '../../base/names.ts';
import { THREAD_OPTIONS } from '../../base/thread-options.ts';
import { monotonicMs } from '../../sys/clock.ts';
import type { NodeId, Origin } from '../types.ts';
import { ScanFlow } from './flow.ts';
import type { ListingTarget } from './listing-writer.ts';
import type { ScanOrder, ScanReply, ScanWorkerData } from './messages.ts';

/** How a scan is meant. */
export interface ScanKind {
  /** With everything below. */
  readonly recursive: boolean;
  /** How what it finds came to be known; undefined for a first scan, which finds what was there before anybody looked. */
  readonly origin: Origin | undefined;
  /** The directory is listed also if something is mounted on it. */
  readonly entersMount?: boolean;
}

/** After so long without a scan the threads end: each holds some twenty megabytes, and starts in a tenth of a second. */
const REST_MS = 2_000;

/** A directory that waits to be scanned. */
interface Waiting extends ScanKind {
  readonly target: ListingTarget;
  /** When that was asked for first (`monotonicMs`). */
  readonly askedMs: number;
}

/** A task under way: the nodes that its numbers stand for, as far as they were listed. */
export interface ScanUnderWay extends ScanKind {
  readonly askedMs: number;
  readonly directories: Map<number, ListingTarget>;
}

interface Thread {
  readonly worker: Worker;
  readonly endable: EndableThread<ScanReply>;
  readonly flow: ScanFlow;
  task: number | undefined;
}

export interface ScansOptions {
  readonly threads: number;
  readonly watcher: ScanWorkerData['watcher'];
  readonly own: readonly string[];
  readonly listingKey: ScanWorkerData['listingKey'];
  readonly batchBytes: ScanWorkerData['batchBytes'];
  /** The path of a directory now; undefined when it is gone. */
  readonly pathOf: (id: NodeId) => ByteName | undefined;
  /** A directory that was to be scanned is in no place now. */
  readonly onPathless: (id: NodeId) => void;
  /** Takes a batch in, in one transaction. */
  readonly apply: (reply: ScanReply, scan: ScanUnderWay) => void;
  /** Everything that was asked for has been scanned. */
  readonly onIdle: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Which directories are to be scanned, and the threads that do it. */
export class Scans {
  readonly #options: ScansOptions;
  readonly #waiting = new Map<NodeId, Waiting>();
  readonly #underWay = new Map<number, ScanUnderWay>();
  readonly #threads: Thread[] = [];
  #rest: NodeJS.Timeout | undefined;
  #nextTask = 0;
  #isPaused = false;
  #isClosing = false;

  constructor(options: ScansOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#underWay.size === 0;
  }
  /** Directories and subtrees that nobody has begun yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** When the oldest of what is still to be scanned was asked for (`monotonicMs`). Takes time in proportion to how much that is. */
  get oldestMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const each of [this.#underWay, this.#waiting]) for (const { askedMs } of each.values()) oldestMs = Math.min(oldestMs, askedMs);
    return oldestMs;
  }

  /** Has a directory compared with the disk. It is done once for all who ask before it was begun. */
  add(target: ListingTarget, kind: ScanKind): void {
    this.#wait({ target, askedMs: monotonicMs(), ...kind });
    this.#handOut();
  }

  #wait(waiting: Waiting): void {
    const { id } = waiting.target;
    const known = this.#waiting.get(id);
    this.#waiting.set(
      id,
      known === undefined ? waiting : { target: { id }, askedMs: Math.min(known.askedMs, waiting.askedMs), ...both(known, waiting) },
    );
  }

  /** Halts comparisons, or lets them go on. What events ask for is scanned in any case: until nothing is to be scanned nobody knows what is gone. */
  pause(paused: boolean): void {
    this.#isPaused = paused;
    for (const { flow, task } of this.#threads) flow.pause(paused && task !== undefined && !isLive(this.#underWay.get(task)));
    if (!paused && !this.isIdle) this.#goOn();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#rest);
    for (const { flow } of this.#threads) flow.end();
    await Promise.all(this.#threads.map(({ endable }) => endable.end()));
  }

  #handOut(): void {
    if (this.#isClosing) return;
    for (const [id, waiting] of this.#waiting) {
      if (this.#isPaused && !isLive(waiting)) continue;
      const { target, askedMs, recursive, origin, entersMount = false } = waiting;
      const thread = this.#idleThread();
      if (thread === undefined) break;
      this.#waiting.delete(id);
      const path = this.#options.pathOf(id);
      if (path === undefined) {
        this.#options.onPathless(id);
        continue;
      }
      const task = this.#nextTask++;
      thread.task = task;
      this.#underWay.set(task, { askedMs, recursive, origin, directories: new Map([[0, target]]) });
      thread.worker.postMessage({ task, path, recursive, entersMount } satisfies ScanOrder);
    }
    this.#showIdle();
  }

  /** During a pause there is one more, since all may be halted. */
  #idleThread(): Thread | undefined {
    const most = this.#options.threads + (this.#isPaused ? 1 : 0);
    return this.#threads.find(({ task }) => task === undefined) ?? (this.#threads.length < most ? this.#start() : undefined);
  }

  /** Tells the busy whether somebody would take work over. */
  #showIdle(): void {
    const idle =
      this.#waiting.size === 0 && (this.#threads.length < this.#options.threads || this.#threads.some(({ task }) => task === undefined));
    for (const { flow } of this.#threads) flow.setIdle(idle);
  }

  #start(): Thread {
    const flow = new ScanFlow();
    const { watcher, own, listingKey, batchBytes } = this.#options;
    const workerData: ScanWorkerData = { flow: flow.memory, watcher, own, listingKey, batchBytes };
    const worker = new Worker(new URL(`./scan-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      ...THREAD_OPTIONS,
      workerData,
    });
    const endable = new EndableThread<ScanReply>(worker, (reply) => this.#receive(thread, reply));
    const thread: Thread = { worker, endable, flow, task: undefined };
    worker.on('error', (error) => this.#options.onFailure(error));
    this.#threads.push(thread);
    return thread;
  }

  #receive(thread: Thread, reply: ScanReply): void {
    if (this.#isClosing) return;
    const scan = this.#underWay.get(reply.task) as ScanUnderWay;
    try {
      this.#options.apply(reply, scan);
    } catch (error) {
      this.#options.onFailure(error);
    }
    thread.flow.applied();
    for (const number of reply.spare) {
      const target = scan.directories.get(number);
      scan.directories.delete(number);
      if (target !== undefined) this.#wait({ target, askedMs: scan.askedMs, recursive: true, origin: scan.origin });
    }
    if (reply.isLast) {
      this.#underWay.delete(reply.task);
      thread.task = undefined;
    }
    this.#goOn();
  }

  /** Hands out what waits; all of that may be in no place any more. */
  #goOn(): void {
    this.#handOut();
    if (!this.isIdle) return;
    this.#restLater();
    this.#options.onIdle();
  }

  /** Ends all threads when nothing has been scanned for a while. */
  #restLater(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.rest(), REST_MS).unref();
  }

  /** Ends all threads if they have nothing to do: what comes next needs memory, and no scan is expected. */
  rest(): void {
    if (!this.isIdle) return;
    for (const { endable } of this.#threads.splice(0)) void endable.end();
  }
}

function isLive(scan: ScanKind | undefined): boolean {
  return scan?.origin === 'live';
}

/** What two scans come to that are asked for one after the other. What a first scan would find without a word is not told by the other. */
function both(first: ScanKind, second: ScanKind): ScanKind {
  return {
    recursive: first.recursive || second.recursive,
    origin: first.origin === undefined ? undefined : second.origin,
    entersMount: first.entersMount === true || second.entersMount === true,
  };
}
