import type { Digest, HashAlgorithm, Hasher } from '../../hash/types.ts';
import type { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { MAX_UNSIZED_BYTES, SLAB_BYTES } from '../../tree/save/content-reader.ts';
import type { Pace } from './pace.ts';

/** The digest of a content, and how many bytes that were. */
export interface HashedContent {
  readonly digest: Digest;
  readonly size: number;
}

/** Hashes open files whose content is not kept. */
export class FileHash {
  readonly #hash: HashAlgorithm;
  readonly #slab = new Uint8Array(SLAB_BYTES);

  constructor(hash: HashAlgorithm) {
    this.#hash = hash;
  }

  /** Reads a file, whose stat before is `stat`, from its beginning to its end; stops early where it has become shorter. Rejects with SystemError or StoppedError. */
  async read(fd: number, { size: expected }: Stat, pace: Pace): Promise<HashedContent> {
    const end = expected === 0 ? MAX_UNSIZED_BYTES : expected;
    let hasher: Hasher | undefined;
    let size = 0;
    while (size < end) {
      const bytes = this.#slab.subarray(0, Math.min(SLAB_BYTES, end - size));
      const got = system().read(fd, bytes, size);
      if (got === 0) break;
      size += got;
      // Most files are read at once, and hashed in one call.
      if (got === expected) {
        const digest = this.#hash.hash(bytes);
        await pace.read(got);
        return { digest, size };
      }
      hasher ??= this.#hash.hasher();
      hasher.update(bytes.subarray(0, got));
      const wait = pace.read(got);
      if (wait !== undefined) await wait;
    }
    return { digest: hasher?.digest() ?? this.#hash.hash(this.#slab.subarray(0, 0)), size };
  }
}
