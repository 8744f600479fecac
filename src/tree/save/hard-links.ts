import type { HashAlgorithm } from '../../hash/types.ts';
import type { Stat } from '../../sys/stat.ts';

const IDENTITY_BYTES = 16;

/**
 * Gives all links of one file a common identity: derived from the path, below the root, of the link that is met first, so that equal trees have equal
 * identities. Only files with several links are remembered.
 *
 * Where a tree is looked at in part, the link that is met first need not be the first there is. What was saved before is taken to be right then: a file keeps the identity that its
 * link had, unless the path which that was derived from is looked at too. In that case the file would have been met there if it still stood there.
 */
export class HardLinks {
  readonly #hash: HashAlgorithm;
  readonly #identities = new Map<string, Uint8Array>();
  /** Identities, as keys: those in use, and those whose paths are looked at. */
  readonly #used = new Set<string>();
  readonly #lookedAt = new Set<string>();

  constructor(hash: HashAlgorithm) {
    this.#hash = hash;
  }

  /** Says that this path is looked at, where an entry stood with that identity. To be told before any later path is asked about. */
  looksAt(path: string, before: Uint8Array): void {
    if (Buffer.compare(this.#derive(path), before) === 0) this.#lookedAt.add(keyOf(before));
  }

  /**
   * The identity of the file; undefined when this is its only link. `path` is only asked for where it decides; `before` is the identity that stood at this path in the tree
   * that was saved before.
   */
  identity(stat: Stat, path: () => string, before?: Uint8Array): Uint8Array | undefined {
    if (stat.nlink < 2) return undefined;
    // With the birth time, since the inode of a file that was removed is soon another's.
    const born = stat.btime;
    const key = `${stat.dev}:${stat.ino}:${born?.seconds}:${born?.nanoseconds}`;
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    const identity = before !== undefined && this.#isStillRight(before) ? before : this.#derive(path());
    this.#identities.set(key, identity);
    this.#used.add(keyOf(identity));
    return identity;
  }

  #isStillRight(before: Uint8Array): boolean {
    const key = keyOf(before);
    return !this.#lookedAt.has(key) && !this.#used.has(key);
  }

  #derive(path: string): Uint8Array {
    return this.#hash.hash(Buffer.from(path, 'latin1')).slice(2, 2 + IDENTITY_BYTES);
  }
}

function keyOf(identity: Uint8Array): string {
  return Buffer.from(identity.buffer, identity.byteOffset, identity.length).toString('latin1');
}
