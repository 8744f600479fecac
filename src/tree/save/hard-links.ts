import type { HashAlgorithm } from '../../hash/types.ts';
import type { Stat } from '../../sys/stat.ts';

const IDENTITY_BYTES = 16;

/**
 * Gives all links of one file a common identity: derived from the path, below the root, of the link that is met first, so that equal trees have equal
 * identities. Only files with several links are remembered.
 */
export class HardLinks {
  readonly #hash: HashAlgorithm;
  readonly #identities = new Map<string, Uint8Array>();

  constructor(hash: HashAlgorithm) {
    this.#hash = hash;
  }

  /** The identity of the file; undefined when this is its only link. `path` is only asked for where it decides. */
  identity(stat: Stat, path: () => string): Uint8Array | undefined {
    if (stat.nlink < 2) return undefined;
    // With the birth time, since the inode of a file that was removed is soon another's.
    const born = stat.btime;
    const key = `${stat.dev}:${stat.ino}:${born?.seconds}:${born?.nanoseconds}`;
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    const identity = this.#hash.hash(Buffer.from(path(), 'latin1')).slice(2, 2 + IDENTITY_BYTES);
    this.#identities.set(key, identity);
    return identity;
  }
}
