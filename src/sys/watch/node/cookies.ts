import { type FSWatcher, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteName } from '../../../base/names.ts';
import { toNode } from '../../portable/path.ts';

/** A cookie that is not told of by then was lost, and other events with it. */
const LOST_MS = 5000;

interface Awaited {
  readonly name: string;
  readonly done: (arrived: boolean) => void;
}

/**
 * Makes a file in a folder that is watched like all others: when that is told of, so is everything that was done before (Watchman's way to synchronise). Events of one thread come in their
 * order where they have one source for all folders, as in Linux and macOS; on Windows, where each has its own, nearly so.
 */
export class Cookies {
  readonly #folder: string;
  readonly #watcher: FSWatcher;
  #count = 0;
  #awaited: Awaited | undefined;

  constructor(folder: ByteName) {
    this.#folder = toNode(folder).toString();
    this.#watcher = watch(this.#folder, (_, name) => {
      if (name !== null && name === this.#awaited?.name) this.#awaited.done(true);
    });
  }

  /** Resolves to whether everything that was done before this call was told of. One at a time. */
  async settle(): Promise<boolean> {
    const name = `cookie-${this.#count++}`;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#awaited = { name, done: resolve };
    const timer = setTimeout(() => resolve(false), LOST_MS);
    const file = join(this.#folder, name);
    try {
      writeFileSync(file, '');
      return await promise;
    } catch {
      // The folder was removed, or its disk is full: nobody knows what has been told.
      return false;
    } finally {
      clearTimeout(timer);
      this.#awaited = undefined;
      rmSync(file, { force: true });
    }
  }

  close(): void {
    this.#watcher.close();
  }
}
