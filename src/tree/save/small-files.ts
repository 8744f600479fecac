import type { ByteName } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import { encodeEntry } from '../entry-encoder.ts';
import type { Xattr } from '../types.ts';
import type { ResultPacker } from './pack.ts';
import { isRacy } from './racy.ts';
import { type SmallContent, SmallContents, smallRef } from './small-contents.ts';
import { readFileXattrs } from './xattrs.ts';

const WAITING_FILES = 256;
const NO_BYTES = new Uint8Array(0);

interface Waiting {
  readonly item: number;
  readonly size: number;
  readonly identity: Uint8Array | undefined;
  readonly xattrs: Xattr[] | undefined;
  readonly content: SmallContent;
  readonly trusted: boolean;
}

/**
 * The short way for small files, which most files are. Each costs four system calls (open, read, stat, attributes), a close, and a hash; their blocks go to the store
 * together.
 *
 * A file that is not what it was when it was listed goes the long way, which tells torn files from whole ones.
 */
export class SmallFiles {
  readonly #store: Store;
  /** A signature does not hold all observed times. */
  readonly #isOff: boolean;
  readonly #contents: SmallContents;
  #waiting: Waiting[] = [];
  readonly #signatures = new Uint8Array(WAITING_FILES * SIGNATURE_BYTES);
  readonly #stat = new Stat();
  readFiles = 0;
  readBytes = 0;

  constructor(store: Store, options: { readonly observedTimes: boolean }) {
    this.#store = store;
    this.#isOff = options.observedTimes;
    this.#contents = new SmallContents(store.chunking);
  }

  /** Whether the owner has to settle before another file is read. */
  get isFull(): boolean {
    return this.#waiting.length === WAITING_FILES || this.#contents.isFull;
  }

  /** Reads the file if it is small and has the signature of its item in `signatures`; false when it has to go the long way. Throws as FileSaver.read does. */
  read(directory: Directory, name: ByteName, item: number, signatures: Uint8Array, identity: Uint8Array | undefined): boolean {
    if (this.#isOff) return false;
    const contents = this.#contents;
    let xattrs: Xattr[] | undefined;
    const bytes = contents.read(directory, name, signatures, item * SIGNATURE_BYTES, (fd) => {
      xattrs = readFileXattrs(fd);
    });
    if (bytes === undefined) return false;
    const { stat } = contents;
    stat.signature(this.#signatures, this.#waiting.length * SIGNATURE_BYTES);
    const content = contents.keep(bytes);
    this.#waiting.push({ item, size: bytes.length, identity, xattrs, content, trusted: !isRacy(stat) });
    this.readFiles++;
    this.readBytes += bytes.length;
    return true;
  }

  /** Brings the blocks to the store, and the results to `packer`. */
  async settle(packer: ResultPacker): Promise<void> {
    const blocks = this.#contents.takeBlocks();
    const digests = blocks.length > 0 ? await this.#store.addBatch(blocks) : [];
    for (let i = 0; i < this.#waiting.length; i++) this.#pack(this.#waiting[i] as Waiting, i * SIGNATURE_BYTES, digests, packer);
    this.#waiting = [];
  }

  #pack(
    { item, size, identity, xattrs, content, trusted }: Waiting,
    signatureAt: number,
    digests: readonly Digest[],
    packer: ResultPacker,
  ): void {
    const stat = this.#stat;
    stat.loadSignature(this.#signatures, signatureAt);
    const encoded = encodeEntry({
      kind: 'file',
      mode: stat.mode,
      mtime: stat.mtime,
      content: smallRef(content, size, digests),
      ...(xattrs !== undefined && { xattrs }),
      ...(identity !== undefined && { identity }),
    });
    const signature = trusted ? this.#signatures.subarray(signatureAt, signatureAt + SIGNATURE_BYTES) : NO_BYTES;
    packer.add({ item, signature, sizeBytes: size, torn: false, uid: stat.uid, gid: stat.gid, encoded });
  }
}
