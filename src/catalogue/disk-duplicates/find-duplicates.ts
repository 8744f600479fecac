import { availableParallelism } from 'node:os';
import type { ByteName } from '../../base/names.ts';
import type { ProgressListener } from '../../base/progress.ts';
import { WorkerPool } from '../../base/worker-pool.ts';
import { blake3 } from '../../hash/blake3.ts';
import { toDigest } from '../../hash/multihash.ts';
import type { DuplicateGroup } from '../questions/duplicates.ts';
import { joinPath } from '../questions/places.ts';
import { answer } from './answer.ts';
import { listFolders } from './list.ts';
import {
  type DiskFailure,
  type DiskReply,
  type DiskRequest,
  FINGERPRINT_BYTES,
  type FingerprintReply,
  type ListReply,
  type PackedFiles,
} from './messages.ts';

export interface DiskDuplicatesOptions {
  /** 1 when left out. */
  readonly minBytes?: number;
  /** All but one take part beside this one; one for each core when left out. */
  readonly threads?: number;
  readonly onFailure?: (failure: DiskFailure) => void;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/** Up to this size a file is read whole at once: to read its ends first would cost as many calls. */
const SMALL_BYTES = 64 << 10;
/** So many folders are handed out, that no thread is left with the largest of them at the end. */
const PARTS = 256;
const BATCH_FILES = 512;
const BATCH_BYTES = 8 << 20;

interface DiskFile {
  readonly folder: ByteName;
  readonly name: ByteName;
  readonly size: number;
  readonly device: number;
  readonly inode: bigint;
}

interface Alike {
  readonly fingerprint: string;
  readonly files: readonly DiskFile[];
}

/**
 * Files below folders that have equal content, found without a catalogue: those of equal size are read, large ones at first at their ends alone, and compared by the BLAKE3
 * hashes of all their bytes. Several links to one file are one copy. The most wasteful first.
 */
export async function findDuplicates(folders: readonly ByteName[], options: DiskDuplicatesOptions = {}): Promise<DuplicateGroup[]> {
  const threads = options.threads ?? availableParallelism();
  const url = new URL(`./duplicates-worker${import.meta.url.slice(-3)}`, import.meta.url);
  const pool = new WorkerPool<DiskRequest, DiskReply>(threads, url, undefined, { handle: answer, takes: () => true });
  try {
    const search = new Search(pool, options);
    const files = await search.list(folders);
    const candidates = withTwinSize(files);
    const likely = await search.compare(
      candidates.filter(({ size }) => size > SMALL_BYTES),
      'ends',
    );
    const wanted = new Set(likely.flatMap(({ files: alike }) => alike));
    return groupsOf(
      await search.compare(
        candidates.filter((file) => file.size <= SMALL_BYTES || wanted.has(file)),
        'whole',
      ),
    );
  } finally {
    await pool.close();
  }
}

class Search {
  readonly #pool: WorkerPool<DiskRequest, DiskReply>;
  readonly #options: DiskDuplicatesOptions;
  #doneItems = 0;
  #doneBytes = 0;

  constructor(pool: WorkerPool<DiskRequest, DiskReply>, options: DiskDuplicatesOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  async list(folders: readonly ByteName[]): Promise<DiskFile[]> {
    const { minBytes = 1 } = this.#options;
    const files: DiskFile[] = [];
    let waiting: readonly ByteName[] = folders;
    while (waiting.length > 0 && waiting.length < PARTS) {
      const { listed, below } = listFolders(waiting, minBytes);
      this.#take(listed, files);
      waiting = below;
    }
    const size = Math.ceil(waiting.length / PARTS);
    const parts: DiskRequest[] = [];
    for (let at = 0; at < waiting.length; at += size) parts.push({ kind: 'list', folders: waiting.slice(at, at + size), minBytes });
    await this.#askAll(parts, (reply) => this.#take(reply as ListReply, files));
    return files;
  }

  /** Files that have the same fingerprint as another. Those of one folder are to come together, so that it is opened once. */
  async compare(files: readonly DiskFile[], kind: 'ends' | 'whole'): Promise<Alike[]> {
    const alike = new Map<string, DiskFile[]>();
    const requests: DiskRequest[] = [];
    const asked = new Map<DiskRequest, readonly DiskFile[]>();
    for (const batch of batches(files, kind === 'ends' ? 0 : 1)) {
      const request = { kind, files: packed(batch) };
      requests.push(request);
      asked.set(request, batch);
    }
    await this.#askAll(requests, (reply, request) => {
      const batch = asked.get(request) as readonly DiskFile[];
      const { fingerprints, failures } = reply as FingerprintReply;
      this.#fail(failures);
      const bytes = Buffer.from(fingerprints.buffer).toString('latin1');
      for (const [i, file] of batch.entries()) {
        const fingerprint = bytes.slice(i * FINGERPRINT_BYTES, (i + 1) * FINGERPRINT_BYTES);
        if (fingerprint === UNREAD) continue;
        const others = alike.get(fingerprint);
        if (others === undefined) alike.set(fingerprint, [file]);
        else others.push(file);
        this.#doneBytes += kind === 'whole' ? file.size : 0;
      }
      this.#progress('comparing', batch.length);
    });
    return [...alike].filter(([, each]) => each.length > 1).map(([fingerprint, each]) => ({ fingerprint, files: each }));
  }

  async #askAll(requests: readonly DiskRequest[], take: (reply: DiskReply, request: DiskRequest) => void): Promise<void> {
    const pending: Promise<void>[] = [];
    for (const request of requests) {
      this.#options.signal?.throwIfAborted();
      await this.#pool.ready();
      pending.push(this.#pool.request(request).then((reply) => take(reply, request)));
    }
    await Promise.all(pending);
  }

  #take({ files: { folders, counts, names, sizes }, devices, inodes, failures }: ListReply, into: DiskFile[]): void {
    this.#fail(failures);
    const list = names.split('/') as ByteName[];
    let at = 0;
    for (const [i, folder] of folders.entries()) {
      for (const end = at + (counts[i] as number); at < end; at++) {
        const size = sizes[at] as number;
        into.push({ folder, name: list[at] as ByteName, size, device: devices[at] as number, inode: inodes[at] as bigint });
      }
    }
    this.#progress('listing', sizes.length);
  }

  #fail(failures: readonly DiskFailure[]): void {
    for (const failure of failures) this.#options.onFailure?.(failure);
  }

  #progress(phase: string, items: number): void {
    this.#doneItems += items;
    this.#options.onProgress?.({ phase, doneItems: this.#doneItems, doneBytes: this.#doneBytes });
  }
}

const UNREAD = '\0'.repeat(FINGERPRINT_BYTES);

/** Files whose size another file has too, each of several links once; in the order in which they come. */
function withTwinSize(files: readonly DiskFile[]): DiskFile[] {
  const sizes = new Map<number, number>();
  for (const { size } of files) sizes.set(size, (sizes.get(size) ?? 0) + 1);
  const seen = new Set<string>();
  return files.filter(({ size, device, inode }) => {
    if (sizes.get(size) === 1) return false;
    const file = `${device} ${inode}`;
    const isNew = !seen.has(file);
    seen.add(file);
    return isNew;
  });
}

/** Batches of so many files, or bytes where those are read. */
function* batches(files: readonly DiskFile[], byteWeight: 0 | 1): Generator<DiskFile[]> {
  let batch: DiskFile[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.size * byteWeight;
    if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function packed(files: readonly DiskFile[]): PackedFiles {
  const folders: ByteName[] = [];
  const counts: number[] = [];
  for (const { folder } of files) {
    if (folders.at(-1) === folder) counts[counts.length - 1] = (counts.at(-1) as number) + 1;
    else {
      folders.push(folder);
      counts.push(1);
    }
  }
  return {
    folders,
    counts: Uint32Array.from(counts),
    names: files.map(({ name }) => name).join('/'),
    sizes: Float64Array.from(files, ({ size }) => size),
  };
}

function groupsOf(alike: readonly Alike[]): DuplicateGroup[] {
  return alike
    .map(({ fingerprint, files }): DuplicateGroup => {
      const size = (files[0] as DiskFile).size;
      const paths = files.map(({ folder, name }) => joinPath(folder, name)).sort();
      const digest = toDigest(blake3.code, Buffer.from(fingerprint, 'latin1'));
      return { kind: 'file', digest, size, copies: files.length, waste: size * (files.length - 1), paths };
    })
    .sort((a, b) => b.waste - a.waste || (a.paths[0] as string).localeCompare(b.paths[0] as string));
}
