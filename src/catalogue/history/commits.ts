import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { CatalogueReplacedError } from './errors.ts';

/**
 * A commit is written to the log before it becomes visible, so the kernel's word comes a moment too early: then is looked again after these times. Measured from the end of a
 * commit to its event on another process's output: 1.0 ms, at most 2.2; looking every 5 ms instead took 2 % of a processor for as long as one waits.
 */
const LOOKS_MS = [0, 1, 2, 4, 8, 16];
/** Where the kernel does not say (network file systems), and against words that were lost. */
const HEARTBEAT_MS = 200;

/**
 * Yields at once, and then whenever another connection has committed something, until `signal` is aborted. Several commits may be one. Rejects with CatalogueReplacedError when, since this call,
 * another file has taken the place of the database: nobody writes the one that is open any more.
 */
export function commits(database: DatabaseSync, signal: AbortSignal): AsyncGenerator<void> {
  const path = database.location();
  return follow(database, path === null ? undefined : new OpenedFile(path), signal);
}

async function* follow(database: DatabaseSync, file: OpenedFile | undefined, signal: AbortSignal): AsyncGenerator<void> {
  const version = database.prepare('PRAGMA data_version');
  const look = () => Number(version.get()?.data_version);
  const wakening = new Wakening(database, signal);
  try {
    // Before the first answer is made, so that nothing falls between it and the first wait.
    let seen = look();
    yield;
    while (!signal.aborted) {
      const now = look();
      if (now !== seen) {
        seen = now;
        yield;
      } else {
        file?.assertInPlace();
        await wakening.next();
      }
    }
  } finally {
    wakening.close();
  }
}

/** A file that was opened by its path a moment ago. */
class OpenedFile {
  readonly #path: string;
  readonly #identity: string | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#identity = identityAt(path);
  }

  /** While nothing is there, nothing has taken its place. */
  assertInPlace(): void {
    const identity = identityAt(this.#path);
    if (identity !== undefined && identity !== this.#identity) throw new CatalogueReplacedError(this.#path);
  }
}

function identityAt(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}

/** Says when it is worth looking. */
class Wakening {
  readonly #signal: AbortSignal;
  readonly #watcher: FSWatcher | undefined;
  #looks: number[] = [];
  #wake: () => void = () => {};

  constructor(database: DatabaseSync, signal: AbortSignal) {
    this.#signal = signal;
    const file = database.location();
    if (file === null) return;
    const log = `${basename(file)}-wal`;
    try {
      this.#watcher = watch(dirname(file), (_, name) => {
        if (name !== log) return;
        this.#looks = [...LOOKS_MS];
        this.#wake();
      });
      // What it cannot say any more, the heartbeat does.
      this.#watcher.on('error', () => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  async next(): Promise<void> {
    const wait = this.#looks.shift();
    if (wait === 0) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await sleep(wait ?? HEARTBEAT_MS, undefined, { signal: AbortSignal.any([this.#signal, woken.signal]) });
    } catch (error) {
      if (!this.#signal.aborted && !woken.signal.aborted) throw error;
    }
  }

  close(): void {
    this.#watcher?.close();
  }
}
