import { hasErrno, SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { encodeRef } from '../../block/ref-codec.ts';
import type { BlockRef, Ref } from '../../block/types.ts';
import type { Digest, HashAlgorithm } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory, DirectoryHandle } from '../../sys/types.ts';
import { type ContentReader, isWhole } from '../../tree/save/content-reader.ts';
import { isItemFailure, openFile, ReplacedError, VanishedError } from '../../tree/save/file-reader.ts';
import type { PendingContent } from '../../tree/save/pending-content.ts';
import { mayChangeUnseen } from '../../tree/save/racy.ts';
import { type SmallContent, type SmallContents, smallRef } from '../../tree/save/small-contents.ts';
import { ContentDigest } from './content-digest.ts';
import type { FileHash } from './file-hash.ts';
import type { HashBatch } from './messages.ts';
import type { Pace } from './pace.ts';
import type { FileAnswer } from './types.ts';

/** What a thread does its batches with, one after another. */
export interface HashTools {
  readonly hash: HashAlgorithm;
  readonly small: SmallContents;
  readonly fileHash: FileHash;
  /** Where contents are kept; undefined when none is. */
  readonly keeping: { readonly store: Store; readonly contents: ContentReader } | undefined;
}

/** Of a kept content: the digest, or that its one block is it. */
interface ReadContent {
  readonly digest: Digest | undefined;
  readonly content: PendingContent;
}

/**
 * A file with more than that in holes is not read: a digest is one of all its zeros, which takes hours of a processor for each so many (BLAKE3, 1 to 2 GB/s), and whoever may write to a watched folder
 * can make a file of 8 EiB in no time. What holds data in that order has no such holes.
 */
const MOST_HOLE_BYTES = 16 * 2 ** 40;
const TOO_SPARSE: FileAnswer = { kind: 'unreadable', code: 'EFBIG', call: 'read' };

const CHANGED: FileAnswer = { kind: 'changed' };

/** One batch, from its first file to its answers. */
export class BatchWork {
  readonly #batch: HashBatch;
  readonly #pace: Pace;
  readonly #tools: HashTools;
  readonly #answers: FileAnswer[] = [];
  /** What waits for the store to name its blocks, by item. */
  readonly #small = new Map<number, { readonly content: SmallContent; readonly size: number; readonly digest: Digest | undefined }>();
  readonly #large = new Map<number, ReadContent>();
  /** Bytes of small files that the pace has not been told of. */
  #untold = 0;
  /** The directory that was opened last, by its path. */
  #opened: { readonly path: ByteName; readonly directory: Directory } | undefined;
  readonly #before = new Stat();
  readonly #after = new Stat();
  readonly #signature = new Uint8Array(SIGNATURE_BYTES);

  constructor(batch: HashBatch, pace: Pace, tools: HashTools) {
    this.#batch = batch;
    this.#pace = pace;
    this.#tools = tools;
  }

  /** One answer for each file. Rejects with StoppedError, or when the store fails. */
  async run(): Promise<FileAnswer[]> {
    try {
      this.#pace.check();
      for (let item = 0; item < this.#batch.names.length; item++) {
        if (this.#tools.small.isFull) await this.#settleSmall();
        const answer = await this.#file(item);
        if (answer !== undefined) this.#answers[item] = answer;
        const wait = this.#pace.read(this.#untold);
        if (wait !== undefined) await wait;
        this.#untold = 0;
      }
    } finally {
      this.#opened?.directory.close();
    }
    await this.#settleSmall();
    await this.#settleLarge();
    return this.#answers;
  }

  /** Undefined when the answer comes with the names of its blocks. */
  async #file(item: number): Promise<FileAnswer | undefined> {
    try {
      const directory = this.#directory(this.#batch.directories[item] as DirectoryHandle);
      const small = this.#readSmall(item, directory);
      return small === 'too large' ? await this.#readAny(item, directory) : small;
    } catch (error) {
      if (error instanceof VanishedError) return { kind: 'vanished' };
      if (error instanceof ReplacedError || hasErrno(error, 'EISDIR', 'ESPIPE')) return CHANGED;
      if (!isItemFailure(error)) throw error;
      return { kind: 'unreadable', code: error.code, call: error instanceof SystemError ? error.syscall : '' };
    }
  }

  /** Files mostly come directory by directory, so one that was opened by its path stays open for the next. */
  #directory(handle: DirectoryHandle): Directory {
    if (typeof handle === 'number') return system().directoryFromHandle(handle);
    if (this.#opened?.path === handle) return this.#opened.directory;
    this.#opened?.directory.close();
    this.#opened = undefined;
    try {
      this.#opened = { path: handle, directory: system().openDirectory(handle) };
    } catch (error) {
      throw hasErrno(error, 'ENOENT', 'ENOTDIR') ? new VanishedError(handle) : error;
    }
    return this.#opened.directory;
  }

  #readSmall(item: number, directory: Directory): FileAnswer | 'too large' | undefined {
    const { small, hash } = this.#tools;
    const { names, signatures } = this.#batch;
    const at = item * SIGNATURE_BYTES;
    this.#before.loadSignature(signatures, at);
    // Asked before it is read: a thread of low priority may be put off for long in between.
    const isQuiet = !mayChangeUnseen(this.#before);
    const bytes = small.read(directory, names[item] as ByteName, signatures, at);
    if (bytes === undefined) return 'too large';
    this.#untold += bytes.length;
    if (!isQuiet) return CHANGED;
    const size = bytes.length;
    if (!this.#keeps(item)) return { kind: 'hashed', digest: hash.hash(bytes), size, ref: undefined };
    const content = small.keep(bytes);
    // A literal is no block, so nobody else names it.
    this.#small.set(item, { content, size, digest: typeof content === 'number' ? undefined : hash.hash(bytes) });
    return undefined;
  }

  async #readAny(item: number, directory: Directory): Promise<FileAnswer | undefined> {
    const name = this.#batch.names[item] as ByteName;
    const fd = openFile(directory, name);
    try {
      system().statFile(fd, this.#before);
      if (this.#before.kind !== 'file' || !this.#isExpected(item) || mayChangeUnseen(this.#before)) return CHANGED;
      if (this.#before.size - this.#before.blocks * 512 > MOST_HOLE_BYTES) return TOO_SPARSE;
      if (this.#keeps(item)) {
        const read = await this.#readKept(fd, name);
        if (!this.#isUnchanged(fd, read.content.size)) return CHANGED;
        this.#large.set(item, read);
        return undefined;
      }
      const { digest, size } = await this.#tools.fileHash.read(fd, this.#before, this.#pace);
      return this.#isUnchanged(fd, size) ? { kind: 'hashed', digest, size, ref: undefined } : CHANGED;
    } finally {
      system().closeFile(fd);
    }
  }

  async #readKept(fd: number, name: ByteName): Promise<ReadContent> {
    const digest = new ContentDigest(this.#tools.hash, this.#before, this.#pace);
    const content = await this.#keeping.contents.read(fd, name, this.#before, digest);
    return { content, digest: digest.finish(content.isOneBlock) };
  }

  async #settleSmall(): Promise<void> {
    const blocks = this.#tools.small.takeBlocks();
    const digests = blocks.length > 0 ? await this.#keeping.store.addBatch(blocks) : [];
    for (const [item, { content, size, digest }] of this.#small) this.#answer(item, smallRef(content, size, digests), digest);
    this.#small.clear();
  }

  async #settleLarge(): Promise<void> {
    if (this.#large.size === 0) return;
    const { gatherer } = this.#keeping.contents;
    await gatherer.settle();
    for (const [item, { content, digest }] of this.#large) this.#answer(item, content.ref(), digest);
    // The indirect blocks of contents of many pieces.
    await gatherer.settle();
  }

  #answer(item: number, ref: Ref, digest: Digest | undefined): void {
    const whole = digest ?? (ref as BlockRef).digest;
    this.#answers[item] = { kind: 'hashed', digest: whole, size: ref.size, ref: encodeRef(ref) };
  }

  get #keeping(): NonNullable<HashTools['keeping']> {
    const { keeping } = this.#tools;
    if (keeping === undefined) throw new TypeError('no store to keep contents in');
    return keeping;
  }

  #keeps(item: number): boolean {
    return this.#batch.keep[item] === 1;
  }

  #isExpected(item: number): boolean {
    this.#before.signature(this.#signature, 0);
    const at = item * SIGNATURE_BYTES;
    return Buffer.compare(this.#signature, this.#batch.signatures.subarray(at, at + SIGNATURE_BYTES)) === 0;
  }

  #isUnchanged(fd: number, readBytes: number): boolean {
    system().statFile(fd, this.#after);
    return this.#before.sameAs(this.#after) && isWhole(readBytes, this.#after);
  }
}
