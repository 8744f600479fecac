import type { Digest } from '../hash/types.ts';
import type { ListOptions, Store } from './types.ts';

/** The hash over the digests of a listing, one after another: `Store.hashList` for stores that cannot do better than list. */
export async function hashListing(store: Pick<Store, 'hash' | 'list'>, options?: ListOptions): Promise<Digest> {
  const hasher = store.hash.hasher();
  for await (const digest of store.list(options)) hasher.update(digest);
  return hasher.digest();
}
