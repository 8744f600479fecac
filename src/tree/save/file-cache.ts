import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { decodeCheckedJson, encodeCheckedJson } from '../../base/checked-json.ts';
import { FormatError, VarveError } from '../../base/errors.ts';
import { makeMissingFolders } from '../../base/make-folders.ts';
import type { ByteName } from '../../base/names.ts';
import { randomUuid } from '../../sys/random.ts';
import { system } from '../../sys/system.ts';
import { CachedDirectory } from './cached-directory.ts';
import { keyNumber, type PathKey } from './path-key.ts';

/**
 * What is known of the files of a tree that was saved before (T10): for each directory its entries as they were stored, each with the signature that the
 * file had when it was read. It is a cache: missing, damaged or foreign, everything is read again, and nothing is wrong.
 *
 * Layout: records of directories; an index of key and offset, 8 bytes each; the owner as checked JSON; at the end the lengths of
 * both and a magic word. It is written beside the old one and takes its place once the revision it belongs to is committed.
 */
const MAGIC = 'VARVEFC1';
const END_BYTES = 24;
const FORMAT = 1;

/** What a cache belongs to. It may only be used when all agree, and while `tree` is kept from collection. */
export interface CacheOwner {
  readonly store: string;
  readonly source: string;
  readonly observedTimes: boolean;
}

export class FileCache {
  /** Text digest of the tree that the cache describes. */
  readonly tree: string;
  readonly #fd: number;
  readonly #recordsEnd: number;
  readonly #offsets = new Map<number, number>();

  private constructor(fd: number, tree: string, index: Buffer, recordsEnd: number) {
    this.#fd = fd;
    this.#recordsEnd = recordsEnd;
    this.tree = tree;
    for (let at = 0; at < index.length; at += 16) this.#offsets.set(index.readDoubleLE(at), index.readDoubleLE(at + 8));
  }

  /** Opens the cache in `file` if it belongs to `owner`; undefined when there is none that can be used. */
  static open(file: string, owner: CacheOwner): FileCache | undefined {
    const fd = unlessImpossible(() => fs.openSync(file, 'r'));
    if (fd === undefined) return undefined;
    try {
      const size = fs.fstatSync(fd).size;
      const end = readAt(fd, size - END_BYTES, END_BYTES);
      if (end.toString('latin1', 16) !== MAGIC) throw new FormatError('file cache', 'no magic at the end');
      const indexBytes = end.readUInt32LE(0) * 16;
      const ownerBytes = end.readUInt32LE(4);
      const recordsEnd = size - END_BYTES - ownerBytes - indexBytes;
      const tail = readAt(fd, recordsEnd, indexBytes + ownerBytes);
      const index = tail.subarray(0, indexBytes);
      if (crc32(index) !== end.readUInt32LE(8)) throw new FormatError('file cache', 'checksum of the index differs');
      const { tree, ...found } = decodeCheckedJson(tail.toString('utf8', indexBytes), 'file cache');
      const fits =
        found.format === FORMAT &&
        found.store === owner.store &&
        found.source === owner.source &&
        found.observedTimes === owner.observedTimes;
      if (fits && typeof tree === 'string') return new FileCache(fd, tree, index, recordsEnd);
    } catch (error) {
      if (!(error instanceof FormatError) && !(error instanceof RangeError) && !isSystemFailure(error)) throw error;
    }
    fs.closeSync(fd);
    return undefined;
  }

  /** The directory with this key and name, if it is known and its record sound. */
  directory(key: PathKey, name: ByteName): CachedDirectory | undefined {
    const offset = this.#offsets.get(keyNumber(key));
    if (offset === undefined) return undefined;
    try {
      const length = readAt(this.#fd, offset, 4).readUInt32LE(0);
      if (offset + length > this.#recordsEnd) return undefined;
      const found = new CachedDirectory(readAt(this.#fd, offset, length));
      return found.name === name ? found : undefined;
    } catch (error) {
      if (error instanceof VarveError || error instanceof RangeError || isSystemFailure(error)) return undefined;
      throw error;
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

const BUFFER_BYTES = 1 << 20;

/** Writes the next cache, beside the one in use. Where it cannot be written, there is none: that costs the next save time, and this one nothing. */
export class FileCacheWriter {
  readonly #file: string;
  readonly #temporary: string;
  /** Undefined once it was given up. */
  #fd: number | undefined;
  readonly #owner: CacheOwner;
  readonly #index: number[] = [];
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #at = 0;

  constructor(file: string, owner: CacheOwner) {
    this.#file = file;
    this.#owner = owner;
    this.#temporary = `${file}.${randomUuid()}.tmp`;
    this.#fd = unlessImpossible(() => {
      makeMissingFolders(path.dirname(file));
      removeAbandoned(file);
      const fd = fs.openSync(this.#temporary, 'wx', 0o600);
      system().lock(fd, 'exclusive');
      return fd;
    });
  }

  add(key: PathKey, record: Buffer): void {
    this.#index.push(keyNumber(key), this.#at + this.#used);
    this.#write(record);
  }

  /** Puts the cache in its place. It is not synced: one that a power cut tears is recognised. */
  commit(tree: string): void {
    const index = Buffer.allocUnsafe(this.#index.length * 8);
    this.#index.forEach((value, i) => void index.writeDoubleLE(value, i * 8));
    const owner = Buffer.from(encodeCheckedJson({ format: FORMAT, ...this.#owner, tree }), 'utf8');
    const end = Buffer.alloc(END_BYTES);
    end.writeUInt32LE(this.#index.length / 2, 0);
    end.writeUInt32LE(owner.length, 4);
    end.writeUInt32LE(crc32(index), 8);
    end.write(MAGIC, 16, 'latin1');
    for (const part of [index, owner, end]) this.#write(part);
    this.#flush();
    if (this.#fd === undefined) return;
    unlessImpossible(() => fs.renameSync(this.#temporary, this.#file));
    this.abandon();
  }

  /** Lets go of everything. Idempotent. */
  abandon(): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    // Whatever it says, the descriptor is gone, and its number may be another file's by now.
    this.#fd = undefined;
    unlessImpossible(() => fs.closeSync(fd));
    unlessImpossible(() => fs.rmSync(this.#temporary, { force: true }));
  }

  #write(bytes: Buffer): void {
    if (this.#used + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) {
      this.#writeOut(bytes);
      return;
    }
    bytes.copy(this.#buffer, this.#used);
    this.#used += bytes.length;
  }

  #flush(): void {
    this.#writeOut(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #writeOut(bytes: Buffer): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    const written = unlessImpossible(() => {
      let done = 0;
      while (done < bytes.length) done += fs.writeSync(fd, bytes, done, bytes.length - done, this.#at + done);
      return done;
    });
    if (written === undefined) this.abandon();
    this.#at += bytes.length;
  }
}

function readAt(fd: number, at: number, length: number): Buffer {
  if (at < 0) throw new FormatError('file cache', 'cut short');
  const bytes = Buffer.allocUnsafe(length);
  if (fs.readSync(fd, bytes, 0, length, at) !== length) throw new FormatError('file cache', 'cut short', at);
  return bytes;
}

/** Removes what saves of the same source that were killed have left: such a file is locked for as long as its process lives. */
function removeAbandoned(file: string): void {
  const folder = path.dirname(file);
  for (const name of fs.readdirSync(folder)) {
    if (!name.startsWith(`${path.basename(file)}.`) || !name.endsWith('.tmp')) continue;
    const fd = fs.openSync(path.join(folder, name), 'r');
    try {
      if (system().lock(fd, 'exclusive')) fs.rmSync(path.join(folder, name), { force: true });
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** What `action` returns, or undefined when the file system does not allow it. */
function unlessImpossible<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isSystemFailure(error)) return undefined;
    throw error;
  }
}

function isSystemFailure(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
