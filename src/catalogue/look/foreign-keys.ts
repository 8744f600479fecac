import type { DirectoryKey } from '../../sys/watch/types.ts';
import type { NodeId } from '../types.ts';
import type { DirectoryKeys } from './directory-keys.ts';

/** Says to the watching thread in which directories nobody cares what happens, and in which somebody does again. */
export type Care = (foreign: readonly DirectoryKey[], known: readonly DirectoryKey[]) => void;

/**
 * Directories that are outside of everything that is watched, and of which the watching thread tells no names any more. That something has happened in them it still tells: so nothing is lost when one has come into a root before
 * this was known, or said. It has to be listed then.
 */
export class ForeignKeys {
  readonly #keys: Pick<DirectoryKeys, 'directoryOf' | 'isOutside'>;
  readonly #care: Care;
  readonly #named = new Set<DirectoryKey>();

  constructor(keys: Pick<DirectoryKeys, 'directoryOf' | 'isOutside'>, care: Care) {
    this.#keys = keys;
    this.#care = care;
  }

  /** A directory was named by an event that is of no concern. */
  note(key: DirectoryKey): void {
    this.#named.add(key);
  }

  /** To be called when all that was told at once has been looked at, `foreign` of it by their keys alone. Returns those of them that are known by now. */
  settle(foreign: readonly DirectoryKey[]): NodeId[] {
    const known = new Map<DirectoryKey, NodeId>();
    for (const key of foreign) {
      this.#named.delete(key);
      const id = this.#keys.directoryOf(key);
      if (id !== undefined) known.set(key, id);
    }
    const outside = [...this.#named].filter((key) => this.#keys.isOutside(key));
    this.#named.clear();
    if (outside.length > 0 || known.size > 0) this.#care(outside, [...known.keys()]);
    return [...known.values()];
  }
}
