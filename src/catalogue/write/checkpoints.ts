import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { THREAD_OPTIONS } from '../../base/thread-options.ts';

/** So often it is looked how long the log is: the batches of a scan come to some 2 MiB of it each. */
const COMMITS_BETWEEN_LOOKS = 8;
/** From so many pages on that only the log has. */
const LEAST_PAGES = 2000;
/** After so long without work the thread ends. */
const REST_MS = 10_000;

interface LogLength {
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Brings the log of the database (WAL) into the database, in a thread of its own while much is written. A checkpoint syncs the one and then the other; done by the writer, as SQLite does by itself, everything
 * stands still meanwhile: a quarter of a second at each 50 MB of a first scan. What is committed does not depend on this thread. When it is not quick enough, or fails, SQLite's own checkpoint in the writer comes
 * in (`wal_autocheckpoint`), which then finds most of it done.
 *
 * Invariant: at most one checkpoint is asked for at a time.
 */
export class Checkpoints {
  readonly #length: StatementSync;
  readonly #path: string;
  #worker: Worker | undefined;
  #isUnderWay = false;
  #commits = 0;
  #rest: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync) {
    this.#path = database.location() as string;
    this.#length = database.prepare('PRAGMA wal_checkpoint(NOOP)');
  }

  /** To be called behind each commit. */
  committed(): void {
    if (this.#isUnderWay || ++this.#commits < COMMITS_BETWEEN_LOOKS) return;
    this.#commits = 0;
    const { log, checkpointed } = this.#length.get() as unknown as LogLength;
    if (log - checkpointed < LEAST_PAGES) return;
    this.#isUnderWay = true;
    clearTimeout(this.#rest);
    this.#worker ??= this.#start();
    this.#worker.postMessage('checkpoint');
  }

  async close(): Promise<void> {
    clearTimeout(this.#rest);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./checkpoint-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      ...THREAD_OPTIONS,
      workerData: this.#path,
    });
    worker.on('message', () => {
      this.#isUnderWay = false;
      this.#rest = setTimeout(() => this.#end(), REST_MS).unref();
    });
    // Without it SQLite's own checkpoints come in.
    worker.on('error', () => this.#end());
    return worker;
  }

  #end(): void {
    this.#worker?.postMessage('end');
    this.#worker = undefined;
    this.#isUnderWay = false;
  }
}
