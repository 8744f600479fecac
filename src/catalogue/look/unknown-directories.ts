import type { DirectoryKey } from '../../sys/watch/types.ts';
import type { FreshLooks } from '../scan/fresh-looks.ts';
import type { NodeId } from '../types.ts';
import type { DirectoryKeys } from './directory-keys.ts';

/** Beyond so many, it is not known any more which there were: some seven megabytes. */
const MOST = 50_000;
/** Beyond so many, it is found out with each new one of which two it need not be remembered any longer. */
const UNCHECKED = 5_000;

/**
 * Directories in which something has happened before anybody knew them, or while they were outside, and when that was told of. A listing from before that, of a scan that is still under way, may bring such a directory later, as it
 * was: so it has to be listed by a scan that was begun afterwards. Mostly one was, since the first directory on the way that was not known had to be scanned; but the directory may have gone on before that scan came to it.
 */
export class UnknownDirectories {
  readonly #keys: Pick<DirectoryKeys, 'directoryOf' | 'forgetOutside'>;
  readonly #looks: FreshLooks;
  /** When it was told of each last. */
  readonly #told = new Map<DirectoryKey, number>();
  #areTooMany = false;

  constructor(keys: Pick<DirectoryKeys, 'directoryOf' | 'forgetOutside'>, looks: FreshLooks) {
    this.#keys = keys;
    this.#looks = looks;
  }

  /** Something has happened in a directory that is not known: that was told of at `atMs` (`monotonicMs`). */
  note(key: DirectoryKey, atMs: number): void {
    if (this.#areTooMany) return;
    this.#tellLast(key, atMs);
    if (this.#told.size > UNCHECKED) this.#check(2);
    if (this.#told.size <= MOST) return;
    this.#told.clear();
    this.#areTooMany = true;
  }

  /**
   * To be called when everything is listed and the looks are not forgotten yet: those that are known by now, by a listing that was begun too early. All are forgotten. Undefined when there were too
   * many of them.
   */
  take(): NodeId[] | undefined {
    if (this.#areTooMany) {
      this.#areTooMany = false;
      return undefined;
    }
    if (this.#told.size > 0) this.#keys.forgetOutside();
    const outdated = new Set<NodeId>();
    for (const [key, atMs] of this.#told) {
      const id = this.#keys.directoryOf(key);
      if (id !== undefined && !this.#looks.isListedAfter(id, atMs)) outdated.add(id);
    }
    this.#told.clear();
    return [...outdated];
  }

  #tellLast(key: DirectoryKey, atMs: number): void {
    this.#told.delete(key);
    this.#told.set(key, atMs);
  }

  /** Forgets, of the `count` that it was told of first, those that were listed since. The others have their turn again when all have had theirs. */
  #check(count: number): void {
    let checked = 0;
    for (const [key, atMs] of this.#told) {
      if (checked++ === count) return;
      const id = this.#keys.directoryOf(key);
      if (id !== undefined && this.#looks.isListedAfter(id, atMs)) this.#told.delete(key);
      else this.#tellLast(key, atMs);
    }
  }
}
