import type { ByteName } from '../../base/names.ts';
import type { WrittenDirectory } from '../directory-writer.ts';
import type { EntryBody } from '../entry-encoder.ts';
import type { Owner } from '../types.ts';
import type { CachedDirectory, CacheItem } from './cached-directory.ts';
import type { FileCache } from './file-cache.ts';
import type { KnownDirectory } from './known-directory.ts';
import { childKey, type PathKey, ROOT_KEY } from './path-key.ts';

/** An entry as its directory will encode it, and as the cache will keep it. */
export interface SavedItem extends CacheItem {
  readonly owner: Owner;
}

/** A directory's own entry, but for what only its end will tell. */
export interface OwnEntry {
  readonly body: Omit<EntryBody, 'content' | 'summary'>;
  readonly owner: Owner;
  readonly signature: Uint8Array;
}

/**
 * A directory that is being saved: its entries come in in any order, from this thread and others. When the last one is there, it is encoded, and
 * becomes an entry of its parent.
 */
export class PendingDirectory {
  readonly parent: PendingDirectory | undefined;
  readonly name: ByteName;
  readonly key: PathKey;
  readonly own: OwnEntry;
  readonly cached: CachedDirectory | undefined;
  readonly items: SavedItem[] = [];
  /** Entries that are not there yet, and one for the walk through the directory itself. */
  #missing = 1;
  /** Whether anything differs from what is cached. */
  changed = false;
  /** When only some names were looked at: those, and the directory as it was, of which the other entries are taken over. */
  rest: { readonly of: KnownDirectory; readonly names: readonly ByteName[] } | undefined;

  /** Without `parent` it is the root, whose name is empty. */
  constructor(parent: PendingDirectory | undefined, name: ByteName, own: OwnEntry, cache: FileCache | undefined) {
    this.parent = parent;
    this.name = name;
    this.key = parent === undefined ? ROOT_KEY : childKey(parent.key, name);
    this.own = own;
    this.cached = cache?.directory(this.key, name);
  }

  /** Its path below the root, with a slash at its end; empty for the root. */
  get path(): string {
    const names: string[] = [];
    for (let directory: PendingDirectory = this; directory.parent !== undefined; directory = directory.parent) names.push(directory.name);
    return names.reverse().reduce((path, name) => `${path}${name}/`, '');
  }

  expect(count: number): void {
    this.#missing += count;
  }

  /** One of the expected is there, or will never be. True when it was the last. */
  arrived(): boolean {
    this.#missing--;
    return this.#missing === 0;
  }

  /** What it was stored as before, when everything in it is as it was. */
  get unchanged(): WrittenDirectory | undefined {
    return !this.changed && this.cached !== undefined && this.cached.size === this.items.length ? this.cached.written : undefined;
  }
}
