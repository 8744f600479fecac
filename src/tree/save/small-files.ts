import type { ByteName } from '../../base/names.ts';
import { LITERAL_MAX_BYTES } from '../../block/limits.ts';
import type { Ref } from '../../block/types.ts';
import { DEFAULT_RUN_BYTES } from '../../chunk/cutter.ts';
import type { Digest } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { encodeEntry } from '../entry-encoder.ts';
import type { Xattr } from '../types.ts';
import { openFile } from './file-reader.ts';
import type { ResultPacker } from './pack.ts';
import { isRacy } from './racy.ts';
import { readFileXattrs } from './xattrs.ts';

/** Room for the bytes of files that wait for the store. */
const ARENA_BYTES = 1 << 20;
const ARENA_FILES = 256;
const NO_BYTES = new Uint8Array(0);

interface Waiting {
  readonly item: number;
  readonly size: number;
  readonly identity: Uint8Array | undefined;
  readonly xattrs: Xattr[] | undefined;
  /** Number of its block, or the literal that it is. */
  readonly content: number | Uint8Array;
  readonly trusted: boolean;
}

/**
 * The short way for small files, which most files are: shorter than the shortest run, so that each is one block (or literal) and no boundary has to be
 * looked for. Each costs four system calls (open, read, stat, attributes) and a close; its bytes stay where they were read until they are in the store.
 *
 * A file that is not what it was when it was listed goes the long way, which tells torn files from whole ones.
 */
export class SmallFiles {
  readonly #store: Store;
  readonly #limitBytes: number;
  readonly #arena = new Uint8Array(ARENA_BYTES);
  #used = 0;
  #blocks: Uint8Array[] = [];
  #waiting: Waiting[] = [];
  readonly #signatures = new Uint8Array(ARENA_FILES * SIGNATURE_BYTES);
  readonly #stat = new Stat();
  readFiles = 0;
  readBytes = 0;

  constructor(store: Store, options: { readonly observedTimes: boolean }) {
    this.#store = store;
    // A signature does not hold all observed times.
    this.#limitBytes = options.observedTimes ? 0 : Math.min(store.chunking.minBytes, DEFAULT_RUN_BYTES - 1);
  }

  /** Whether the owner has to settle before another file is read. */
  get isFull(): boolean {
    return this.#waiting.length === ARENA_FILES || this.#used + this.#limitBytes > ARENA_BYTES;
  }

  /** Reads the file if it is small and has the signature of its item in `signatures`; false when it has to go the long way. Throws as FileSaver.read does. */
  read(directory: Directory, name: ByteName, item: number, signatures: Uint8Array, identity: Uint8Array | undefined): boolean {
    const stat = this.#stat;
    const signatureAt = item * SIGNATURE_BYTES;
    stat.loadSignature(signatures, signatureAt);
    const { size } = stat;
    if (size > this.#limitBytes || size === 0) return false;
    const sys = system();
    const fd = openFile(directory, name);
    try {
      const bytes = this.#arena.subarray(this.#used, this.#used + size);
      if (sys.read(fd, bytes, 0) !== size) return false;
      sys.statFile(fd, stat);
      const at = this.#waiting.length * SIGNATURE_BYTES;
      stat.signature(this.#signatures, at);
      if (!equalAt(this.#signatures, at, signatures, signatureAt)) return false;
      const isLiteral = size <= LITERAL_MAX_BYTES;
      const content = isLiteral ? bytes.slice() : this.#blocks.push(bytes) - 1;
      if (!isLiteral) this.#used += size;
      this.#waiting.push({ item, size, identity, xattrs: readFileXattrs(fd), content, trusted: !isRacy(stat) });
      this.readFiles++;
      this.readBytes += size;
      return true;
    } finally {
      sys.closeFile(fd);
    }
  }

  /** Brings the blocks to the store, and the results to `packer`. */
  async settle(packer: ResultPacker): Promise<void> {
    const digests = this.#blocks.length > 0 ? await this.#store.addBatch(this.#blocks) : [];
    for (let i = 0; i < this.#waiting.length; i++) this.#pack(this.#waiting[i] as Waiting, i * SIGNATURE_BYTES, digests, packer);
    this.#blocks = [];
    this.#waiting = [];
    this.#used = 0;
  }

  #pack(
    { item, size, identity, xattrs, content, trusted }: Waiting,
    signatureAt: number,
    digests: readonly Digest[],
    packer: ResultPacker,
  ): void {
    const stat = this.#stat;
    stat.loadSignature(this.#signatures, signatureAt);
    const ref: Ref =
      typeof content === 'number' ? { kind: 'block', digest: digests[content] as Digest, size } : { kind: 'literal', bytes: content, size };
    const encoded = encodeEntry({
      kind: 'file',
      mode: stat.mode,
      mtime: stat.mtime,
      content: ref,
      ...(xattrs !== undefined && { xattrs }),
      ...(identity !== undefined && { identity }),
    });
    const signature = trusted ? this.#signatures.subarray(signatureAt, signatureAt + SIGNATURE_BYTES) : NO_BYTES;
    packer.add({ item, signature, sizeBytes: size, torn: false, uid: stat.uid, gid: stat.gid, encoded });
  }
}

function equalAt(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  for (let i = 0; i < SIGNATURE_BYTES; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}
