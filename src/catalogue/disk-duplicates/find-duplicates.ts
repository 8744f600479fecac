import { availableParallelism } from 'node:os';
import type { ByteName } from '../../base/names.ts';
import type { ProgressListener } from '../../base/progress.ts';
import { WorkerPool } from '../../base/worker-pool.ts';
import { blake3 } from '../../hash/blake3.ts';
import { toDigest } from '../../hash/multihash.ts';
import { system } from '../../sys/system.ts';
import type { DuplicateGroup } from '../questions/duplicates.ts';
import { answer } from './answer.ts';
import { FileList } from './file-list.ts';
import {
  type DiskFailure,
  type DiskReply,
  type DiskRequest,
  type EndsReply,
  HASH_BYTES,
  type ListReply,
  type WholeReply,
} from './messages.ts';

export interface DiskDuplicatesOptions {
  /** 1 when left out. */
  readonly minBytes?: number;
  /** Whether what is read comes from a disk, which is then asked for many files at once. Found out when left out. */
  readonly isCold?: boolean;
  /** All but one take part beside this one. When left out: one for each core, and more when it turns out that they wait for a disk. */
  readonly threads?: number;
  readonly onFailure?: (failure: DiskFailure) => void;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/** So many folders are handed out at once. */
const MAX_PART = 64;
const BATCH_FILES = 512;
const BATCH_BYTES = 8 << 20;
/** For folders and inodes a thread waits one after the other, so there are at least so many of them. Measured with what each of them has fetched ahead: see docs/search.md. */
const DISK_THREADS = 4;
/** So many files each of them has fetched at once, where twice as many may be open. */
const AHEAD = 64;
/** In units of `fsRead`, which are 512 bytes: half a page. */
const BLOCKS_OF_COLD_FILE = 4;
/** As much as these would read says nothing yet: it may have been Varve's own code. */
const FEW_FILES = 2000;

/**
 * Files below folders that have equal content, found without a catalogue: of those of equal size the ends are read, and those of which these are alike are compared by the BLAKE3
 * hashes of all their bytes. Several links to one file are one copy. The most wasteful first.
 */
export async function findDuplicates(folders: readonly ByteName[], options: DiskDuplicatesOptions = {}): Promise<DuplicateGroup[]> {
  const threads = options.threads ?? availableParallelism();
  const url = new URL(`./duplicates-worker${import.meta.url.slice(-3)}`, import.meta.url);
  const pool = new WorkerPool<DiskRequest, DiskReply>(threads, url, undefined, { handle: answer, takes: () => true });
  try {
    const search = new Search(pool, options);
    await search.list(folders);
    return await search.groups(await search.likely());
  } finally {
    await pool.close();
  }
}

class Search {
  readonly #pool: WorkerPool<DiskRequest, DiskReply>;
  readonly #options: DiskDuplicatesOptions;
  readonly #files = new FileList();
  readonly #blocksBefore = process.resourceUsage().fsRead;
  /** How many files each thread has fetched at once, while it is known that they come from a disk. */
  #ahead = 0;
  #doneItems = 0;
  #doneBytes = 0;

  constructor(pool: WorkerPool<DiskRequest, DiskReply>, options: DiskDuplicatesOptions) {
    this.#pool = pool;
    this.#options = options;
    if (options.isCold) this.#fetchAhead();
  }

  async list(folders: readonly ByteName[]): Promise<void> {
    const { minBytes = 1 } = this.#options;
    const waiting = [...folders];
    const pending = new Set<Promise<void>>();
    while (waiting.length > 0 || pending.size > 0) {
      if (waiting.length === 0) await Promise.race(pending);
      await this.#pool.ready();
      // Some are left for the next thread that has nothing to do.
      const part = waiting.splice(-Math.min(MAX_PART, Math.ceil(waiting.length / 4)));
      if (part.length === 0) continue;
      const listed = this.#ask({ kind: 'list', folders: part, minBytes, ahead: this.#ahead }, (reply) => {
        this.#files.add(reply as ListReply);
        for (const folder of (reply as ListReply).unlisted) waiting.push(folder);
        this.#told(reply, 'listing', (reply as ListReply).files.sizes.length);
        pending.delete(listed);
      });
      pending.add(listed);
    }
  }

  /** Files whose size and ends another has too, in order. */
  async likely(): Promise<number[]> {
    const files = this.#files;
    const candidates = files.withTwinSize();
    const unmarked = files.distinct(candidates.filter((file) => Number.isNaN(files.markOf(file))));
    await this.#read('ends', unmarked, 0, (reply, batch) => files.setMarks(batch, (reply as EndsReply).marks));
    // Links are alike, so they are looked for among these few alone.
    return files.alike(files.distinct(files.alike(candidates)));
  }

  /** Those of `files` that are equal as a whole. */
  async groups(files: readonly number[]): Promise<DuplicateGroup[]> {
    const hashes = Buffer.alloc(files.length * HASH_BYTES);
    await this.#read('whole', files, 1, (reply, _, from) => hashes.set((reply as WholeReply).hashes, from * HASH_BYTES));
    const members = new Map<string, number[]>();
    for (const [i, file] of files.entries()) {
      const hash = hashes.toString('latin1', i * HASH_BYTES, (i + 1) * HASH_BYTES);
      const others = members.get(hash);
      if (others === undefined) members.set(hash, [file]);
      else others.push(file);
    }
    members.delete(UNREAD);
    return [...members]
      .filter(([, { length }]) => length > 1)
      .map(([hash, each]) => this.#groupOf(hash, each))
      .sort((a, b) => b.waste - a.waste || ((a.paths[0] as ByteName) < (b.paths[0] as ByteName) ? -1 : 1));
  }

  #groupOf(hash: string, files: readonly number[]): DuplicateGroup {
    const size = this.#files.sizeOf(files[0] as number);
    const paths = files.map((file) => this.#files.pathOf(file)).sort();
    const digest = toDigest(blake3.code, Buffer.from(hash, 'latin1'));
    return { kind: 'file', digest, size, copies: files.length, waste: size * (files.length - 1), paths };
  }

  /** Has files read by all threads; `take` is told which of them a reply is about, and how many come before. */
  async #read(
    kind: 'ends' | 'whole',
    files: readonly number[],
    byteWeight: 0 | 1,
    take: (reply: DiskReply, batch: readonly number[], from: number) => void,
  ): Promise<void> {
    const asked = new Map<DiskRequest, { readonly batch: readonly number[]; readonly from: number }>();
    const requests = function* (this: Search): Generator<DiskRequest> {
      let start = 0;
      let bytes = 0;
      for (let end = 1; end <= files.length; end++) {
        bytes += byteWeight * this.#files.sizeOf(files[end - 1] as number);
        if (end < files.length && end - start < BATCH_FILES && bytes < BATCH_BYTES) continue;
        const batch = files.slice(start, end);
        const request: DiskRequest = { kind, files: this.#files.pack(batch), ahead: this.#ahead };
        asked.set(request, { batch, from: start });
        yield request;
        start = end;
        bytes = 0;
      }
    };
    await this.#askAll(requests.call(this), (reply, request) => {
      const { batch, from } = asked.get(request) as { batch: readonly number[]; from: number };
      asked.delete(request);
      take(reply, batch, from);
      if (kind === 'whole') for (const file of batch) this.#doneBytes += this.#files.sizeOf(file);
      this.#told(reply, 'comparing', batch.length);
    });
  }

  async #askAll(requests: Iterable<DiskRequest>, take: (reply: DiskReply, request: DiskRequest) => void): Promise<void> {
    const pending: Promise<void>[] = [];
    for (const request of requests) {
      await this.#pool.ready();
      pending.push(this.#ask(request, (reply) => take(reply, request)));
    }
    await Promise.all(pending);
  }

  #ask(request: DiskRequest, take: (reply: DiskReply) => void): Promise<void> {
    this.#options.signal?.throwIfAborted();
    const done = this.#pool.request(request).then(take);
    // What fails is heard of by those who wait for it, or by nobody when the search was given up before.
    done.catch(() => undefined);
    return done;
  }

  #told({ failures }: DiskReply, phase: string, items: number): void {
    for (const failure of failures) this.#options.onFailure?.(failure);
    this.#doneItems += items;
    if (this.#ahead === 0 && this.#waitsForDisk()) this.#fetchAhead();
    this.#options.onProgress?.({ phase, doneItems: this.#doneItems, doneBytes: this.#doneBytes });
  }

  #fetchAhead(): void {
    const threads = this.#options.threads ?? Math.max(DISK_THREADS, availableParallelism());
    if (this.#options.threads === undefined) this.#pool.growTo(threads);
    // Twice that is a quarter of the files that this process may have open.
    this.#ahead = Math.max(1, Math.min(AHEAD, Math.floor(system().openFileLimit() / 8 / Math.max(1, threads))));
  }

  /** Whether so much came from the disk that it was most of the files. */
  #waitsForDisk(): boolean {
    return process.resourceUsage().fsRead - this.#blocksBefore > Math.max(FEW_FILES, this.#doneItems) * BLOCKS_OF_COLD_FILE;
  }
}

/** The hash of what could not be read. */
const UNREAD = '\0'.repeat(HASH_BYTES);
