import type { Digest, HashAlgorithm, Hasher } from '../../hash/types.ts';
import type { Stat } from '../../sys/stat.ts';
import { type ContentListener, SLAB_BYTES, standsSideBySide } from '../../tree/save/content-reader.ts';
import type { Pace } from './pace.ts';

const ZEROS = new Uint8Array(SLAB_BYTES);

/**
 * The digest of a whole content, from the bytes that its reader sees on the way to the store. A content that stands side by side in memory is hashed in one go at its end, and not at
 * all when it turns out to be one block, since the store names that by the same hash.
 */
export class ContentDigest implements ContentListener {
  readonly #hash: HashAlgorithm;
  readonly #pace: Pace;
  readonly #hasher: Hasher | undefined;
  #whole = new Uint8Array(0);

  constructor(hash: HashAlgorithm, stat: Stat, pace: Pace) {
    this.#hash = hash;
    this.#pace = pace;
    if (!standsSideBySide(stat)) this.#hasher = hash.hasher();
  }

  bytes(view: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#hasher !== undefined) this.#hasher.update(view);
    else this.#extend(view);
    return this.#pace.read(view.length);
  }

  async hole(sizeBytes: number): Promise<void> {
    for (let left = sizeBytes; left > 0; left -= ZEROS.length) {
      this.#hasher?.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
      await this.#pace.worked(ZEROS.length);
    }
  }

  /** At once when the reading has ended. Undefined when the digest of the one block is the digest. */
  finish(isOneBlock: boolean): Digest | undefined {
    if (this.#hasher !== undefined) return this.#hasher.digest();
    return isOneBlock ? undefined : this.#hash.hash(this.#whole);
  }

  #extend(view: Uint8Array<ArrayBuffer>): void {
    const { buffer, byteOffset, length } = this.#whole;
    if (length === 0) this.#whole = view;
    else if (view.buffer !== buffer || view.byteOffset !== byteOffset + length) throw new Error('the content does not stand side by side');
    else this.#whole = new Uint8Array(buffer, byteOffset, length + view.length);
  }
}
