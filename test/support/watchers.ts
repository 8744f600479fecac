import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { VarveError } from '../../src/base/errors.ts';
import { type ByteName, nameFromText, showName } from '../../src/base/names.ts';
import { linuxSystem } from '../../src/sys/linux/system.ts';
import type { Directory } from '../../src/sys/types.ts';
import { WATCHER_KINDS } from '../../src/sys/watch/kinds.ts';
import { openWatcher } from '../../src/sys/watch/open.ts';
import type { DirectoryKey, WatchBatch, WatchEvent, Watcher, WatcherKind } from '../../src/sys/watch/types.ts';
import { KERNEL_WATCHERS } from './each-watcher.ts';
import { skipUnless } from './scratch.ts';

/** As many readings as any test needs; others' writing to a watched file system must not keep one reading for ever. */
const MOST_READS = 200;

/** A watcher of one kind, and an empty directory of a real file system that it watches. */
export class WatchBench {
  readonly watcher: Watcher;
  readonly path: string;
  readonly directory: Directory;
  readonly key: DirectoryKey;
  readonly context: TestContext;
  /** How directories are shown in `told`, with a slash behind; those that are not here are not shown. */
  readonly #labels = new Map<DirectoryKey, string>();

  constructor(context: TestContext, kind: WatcherKind, path: string) {
    this.context = context;
    this.path = path;
    this.directory = linuxSystem.openDirectory(nameFromText(path));
    this.watcher = openWatcher([this.directory], kind).watcher;
    this.key = this.watcher.mark(this.directory);
    this.#labels.set(this.key, '');
  }

  get isInotify(): boolean {
    return this.watcher.kind === 'inotify';
  }
  get tellsProcesses(): boolean {
    return !this.isInotify && !this.isNode;
  }
  get isNode(): boolean {
    return this.watcher.kind === 'node';
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** Watches a subdirectory too, where that needs a mark of its own. */
  watch(name: string): DirectoryKey {
    using directory = linuxSystem.openDirectory(nameFromText(this.at(name)));
    const key = this.watcher.marksDirectories ? this.watcher.mark(directory) : this.watcher.keyOf(directory);
    if (key === undefined) throw new Error('no key');
    this.#labels.set(key, `${name}/`);
    return key;
  }

  /** All that the kernel has queued by now about the directories that are watched: calls do not return before their events are queued. */
  take(): WatchBatch {
    const events: WatchEvent[] = [];
    const lost: DirectoryKey[] = [];
    let overflowed = false;
    let mountsChanged = false;
    for (let reads = 0; reads < MOST_READS; reads++) {
      const batch = this.watcher.read(0);
      events.push(...batch.events.filter((event) => this.#isShown(event)));
      lost.push(...batch.lost);
      overflowed ||= batch.overflowed;
      mountsChanged ||= batch.mountsChanged;
      if (batch.events.length === 0 && !batch.overflowed && batch.lost.length === 0) break;
    }
    return { events, lost, overflowed, mountsChanged };
  }

  /**
   * What is told of something that is done: `name`, `name → name`, with `(open)` when a writer may be at it still. Each once, though others' events
   * may have parted ours into two readings.
   */
  told(action: () => void): string[] {
    this.take();
    action();
    const places = new Map(this.take().events.map((event) => [this.#show(event), event.isOpen]));
    return Array.from(places, ([place, isOpen]) => (isOpen ? `${place} (open)` : place));
  }

  close(): void {
    this.watcher.close();
    this.directory.close();
  }

  /** By fs.watch, a directory that is told of itself is told of by its own name as well. */
  #isShown({ directory, name, to }: WatchEvent): boolean {
    if (this.isNode && directory.endsWith(`/${name}`)) return false;
    return this.#labels.has(directory) || (to !== undefined && this.#labels.has(to.directory));
  }

  #show({ directory, name, to }: WatchEvent): string {
    return this.#place(directory, name) + (to === undefined ? '' : ` → ${this.#place(to.directory, to.name)}`);
  }

  #place(directory: DirectoryKey, name: ByteName): string {
    const label = this.#labels.get(directory);
    return label === undefined ? 'elsewhere' : label + showName(name);
  }
}

/**
 * Runs one test with each of `kinds` of watcher on each kind of file system that is here: that of the temporary folder, and one in memory. A kind that
 * does not work here is one skipped test, not one for each sentence.
 */
export function watching(sentence: string, body: (bench: WatchBench) => void | Promise<void>, kinds = WATCHER_KINDS): void {
  if (process.platform !== 'linux') return;
  for (const kind of kinds) if (isTried(kind)) for (const parent of PARENTS) watchOnce(kind, parent, sentence, body);
}

/** The same with those kinds that read a queue of the kernel's themselves, and so know of closes, renames, moved directories and mounts. */
export function watchingByKernel(sentence: string, body: (bench: WatchBench) => void | Promise<void>): void {
  watching(sentence, body, KERNEL_WATCHERS);
}

function watchOnce(kind: WatcherKind, parent: string, sentence: string, body: (bench: WatchBench) => void | Promise<void>): void {
  test(`${kind} in ${parent}: ${sentence}`, async (context) => {
    const path = mkdtempSync(join(parent, 'varve-test-'));
    context.after(() => rmSync(path, { recursive: true, force: true }));
    const bench = new WatchBench(context, kind, path);
    try {
      await body(bench);
    } finally {
      bench.close();
    }
  });
}

const PARENTS = [tmpdir(), ...(isOtherFileSystem('/dev/shm') ? ['/dev/shm'] : [])];

function isOtherFileSystem(path: string): boolean {
  return existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev;
}

const tried = new Map<WatcherKind, boolean>();

function isTried(kind: WatcherKind): boolean {
  let works = tried.get(kind);
  if (works === undefined) {
    const reason = refusal(kind);
    works = reason === undefined;
    tried.set(kind, works);
    if (reason !== undefined) test(`${kind} is tested`, (context) => void skipUnless(context, false, reason));
  }
  return works;
}

function refusal(kind: WatcherKind): string | undefined {
  try {
    for (const parent of PARENTS) {
      using directory = linuxSystem.openDirectory(nameFromText(parent));
      openWatcher([directory], kind).watcher.close();
    }
    return undefined;
  } catch (error) {
    if (error instanceof VarveError) return error.message;
    throw error;
  }
}
