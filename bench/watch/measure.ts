import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { nameFromText } from '../../src/base/names.ts';
import { linuxSystem } from '../../src/sys/linux/system.ts';
import { NoWatcherError, openWatcher } from '../../src/sys/watch/open.ts';
import type { Watcher, WatcherKind } from '../../src/sys/watch/types.ts';
import type { Writer } from './writer-worker.ts';

/** How many files are made for the measure of reading, and how many changes for that of waiting. */
export interface WatchLoad {
  readonly files: number;
  readonly changes: number;
}

export interface WatchFigures {
  /** Time spent in `read` for all files. */
  readonly readMs: number;
  /** From before a change is made to when `read` has returned it, in another thread. */
  readonly medianMicroseconds: number;
  readonly p99Microseconds: number;
  /** To mark a directory, where that is needed, else to ask for its key. */
  readonly keyMicroseconds: number;
}

/** Files made at once, so that their events (three for each, with inotify) fit into a queue of the default size. */
const ROUND = 4000;
const DIRECTORIES = 500;

/** Measures one kind of watcher on an empty folder; a sentence instead when it does not work there. */
export async function measureWatcher(kind: WatcherKind, folder: string, load: WatchLoad): Promise<WatchFigures | string> {
  using directory = linuxSystem.openDirectory(nameFromText(folder));
  let watcher: Watcher;
  try {
    watcher = openWatcher([directory], kind).watcher;
  } catch (error) {
    if (error instanceof NoWatcherError) return error.message;
    throw error;
  }
  try {
    const readMs = measureReading(watcher, folder, load.files);
    const microseconds = await measureWaiting(watcher, path.join(folder, 'changing'), load.changes);
    const quantile = (part: number) => microseconds[Math.min(microseconds.length - 1, Math.floor(microseconds.length * part))] as number;
    return { readMs, medianMicroseconds: quantile(0.5), p99Microseconds: quantile(0.99), keyMicroseconds: measureKeys(watcher, folder) };
  } finally {
    watcher.close();
  }
}

function measureReading(watcher: Watcher, folder: string, files: number): number {
  let readMs = 0;
  let told = 0;
  for (let made = 0; made < files; ) {
    for (const end = Math.min(files, made + ROUND); made < end; made++) fs.writeFileSync(path.join(folder, `file-${made}`), 'content');
    for (;;) {
      const start = performance.now();
      const { events, overflowed } = watcher.read(0);
      readMs += performance.now() - start;
      assert.equal(overflowed, false);
      if (events.length === 0) break;
      told += events.length;
    }
  }
  assert.ok(told >= files, `${told} events of ${files} files`);
  return readMs;
}

/** Times of single changes in microseconds, sorted. */
async function measureWaiting(watcher: Watcher, file: string, changes: number): Promise<number[]> {
  const shared = new SharedArrayBuffer(16);
  const turn = new Int32Array(shared, 0, 1);
  const madeAt = new BigInt64Array(shared, 8, 1);
  const worker = new Worker(new URL('./writer-worker.ts', import.meta.url), {
    workerData: { file, changes, turn, madeAt } satisfies Writer,
  });
  await once(worker, 'message');
  watcher.read(0);
  const microseconds: number[] = [];
  for (let change = 1; change <= changes; change++) {
    Atomics.store(turn, 0, change);
    Atomics.notify(turn, 0);
    while (!watcher.read().events.some(({ name }) => name === 'changing')) {}
    microseconds.push(Number(process.hrtime.bigint() - Atomics.load(madeAt, 0)) / 1000);
  }
  await once(worker, 'exit');
  return microseconds.sort((a, b) => a - b);
}

function measureKeys(watcher: Watcher, folder: string): number {
  const directories = Array.from({ length: DIRECTORIES }, (_, i) => {
    const made = path.join(folder, `folder-${i}`);
    fs.mkdirSync(made);
    return linuxSystem.openDirectory(nameFromText(made));
  });
  const start = performance.now();
  for (const directory of directories) watcher.marksDirectories ? watcher.mark(directory) : watcher.keyOf(directory);
  const spentMs = performance.now() - start;
  for (const directory of directories) directory.close();
  return (spentMs * 1000) / DIRECTORIES;
}
