import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SystemError } from '../../../base/errors.ts';
import { type ByteName, nameFromText, showName } from '../../../base/names.ts';
import { THREAD_OPTIONS } from '../../../base/thread-options.ts';
import { pathOfDirectory } from '../../directory-path.ts';
import { Stat } from '../../stat.ts';
import { system } from '../../system.ts';
import type { Directory } from '../../types.ts';
import { WatchLimitError, WatchUnsupportedError } from '../errors.ts';
import { SELF } from '../event-list.ts';
import type { DirectoryKey, SharedNodeWatcher, WatchBatch, Watcher } from '../types.ts';
import { Line } from './line.ts';
import { identityOf, keyOfPath } from './marks.ts';
import type { CollectAnswer, MarkAnswer, NodeWatchData, NodeWatchRequest } from './messages.ts';

/** What Linux says when a user may not watch more directories, and have more queues; others have no such limits. */
const LIMITS: Record<string, string> = { ENOSPC: 'fs.inotify.max_user_watches', EMFILE: 'fs.inotify.max_user_instances' };

const stat = new Stat();

/**
 * Node's fs.watch, in a thread that has an event loop. Its keys are paths, so they lead to whatever is there when one looks.
 *
 * `isRecursive` is for systems where one watch sees everything below a directory (macOS, Windows). Elsewhere Node imitates that by a watch for each directory, which
 * it sets up when it hears of one; here whoever scans does so, before it lists the directory, so that nothing falls in between.
 *
 * While it is open, there is an empty folder of it among the temporary files, through which it learns what has been told (`Cookies`). A killed process leaves that behind.
 */
export class NodeWatcher implements Watcher {
  readonly kind = 'node';
  readonly keysFollowMoves = false;
  readonly tellsOfLoss = false;
  readonly marksDirectories: boolean;
  readonly #line: Line;
  /** Of the one that was opened. */
  readonly #cookies: string | undefined;

  private constructor(line: Line, isRecursive: boolean, cookies?: string) {
    this.#line = line;
    this.marksDirectories = !isRecursive;
    this.#cookies = cookies;
  }

  /** Throws WatchUnsupportedError. */
  static open(isRecursive: boolean): NodeWatcher {
    const cookies = mkdtempSync(join(realpathSync(tmpdir()), 'varve-watch-'));
    const line = new Line();
    const workerData: NodeWatchData = { memory: line.memory, cookies: nameFromText(cookies), recursive: isRecursive };
    const worker = new Worker(new URL(`./node-watch-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      ...THREAD_OPTIONS,
      workerData,
    });
    worker.on('error', () => line.fail());
    worker.unref();
    const watcher = new NodeWatcher(line, isRecursive, cookies);
    try {
      if (watcher.#collect(true).overflowed) throw new Error(`nothing is told of what happens in ${cookies}`);
      return watcher;
    } catch (error) {
      watcher.close();
      throw new WatchUnsupportedError('node', (error as Error).message, error);
    }
  }

  static fromShared({ memory, isRecursive }: SharedNodeWatcher): NodeWatcher {
    return new NodeWatcher(new Line(memory), isRecursive);
  }

  mark(directory: Directory): DirectoryKey {
    const path = this.#pathOf(directory);
    const identity = directory.stat(SELF, stat) ? identityOf(stat) : '';
    const failed = this.#ask({ type: 'mark', place: { path, identity } }) as MarkAnswer;
    if (failed === undefined) return keyOfPath(path);
    const error = new SystemError(failed.errno, failed.syscall, showName(path));
    const limit = LIMITS[error.errno];
    throw limit === undefined ? error : new WatchLimitError(limit, error);
  }

  unmark(key: DirectoryKey): boolean {
    this.#ask({ type: 'unmark', key });
    return true;
  }

  keyOf(directory: Directory): DirectoryKey {
    return keyOfPath(this.#pathOf(directory));
  }

  open(key: DirectoryKey): Directory | undefined {
    try {
      return system().openDirectory(key as string as ByteName);
    } catch (error) {
      if (error instanceof SystemError) return undefined;
      throw error;
    }
  }

  read(timeoutMs?: number, gatherMs = 0): WatchBatch {
    this.#line.waitForEvents(timeoutMs);
    if (this.#line.hasEvents && gatherMs > 0) this.#line.waitForWake(gatherMs);
    const isWoken = this.#line.takeWake();
    const { events, lost, overflowed } = this.#collect(isWoken || timeoutMs === 0);
    return { events, lost, overflowed, mountsChanged: false };
  }

  wake(): void {
    if (this.#line.isOpen) this.#line.wake();
  }

  share(): SharedNodeWatcher {
    return { kind: 'node', memory: this.#line.memory, isRecursive: !this.marksDirectories };
  }

  close(): void {
    if (this.#cookies === undefined || !this.#line.isOpen) return;
    this.#line.close();
    rmSync(this.#cookies, { recursive: true, force: true, maxRetries: 3 });
  }
  [Symbol.dispose](): void {
    this.close();
  }

  #pathOf(directory: Directory): ByteName {
    const path = pathOfDirectory(directory);
    if (path === undefined) throw new SystemError('ENOENT', 'watch');
    return path;
  }

  #collect(complete: boolean): CollectAnswer {
    return this.#ask({ type: 'collect', complete }) as CollectAnswer;
  }

  #ask(request: NodeWatchRequest): unknown {
    return this.#line.ask(request);
  }
}
