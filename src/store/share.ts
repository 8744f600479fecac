import type { ClaimsMemory } from './datadir/claims.ts';
import { allocateClaims } from './datadir/claims.ts';
import { Datadir } from './datadir/datadir.ts';
import type { Store } from './types.ts';

/**
 * How another thread of this process opens the same store: a message, to be given to `openShared` there. The store that it was made from must be held for
 * as long as the others work.
 */
export interface SharedStore {
  readonly type: 'datadir';
  readonly folder: string;
  readonly level: number | undefined;
  readonly claims: ClaimsMemory;
}

/**
 * Makes a store known to other threads, from now on deduplicating against what they add; undefined for stores that live in one
 * thread.
 */
export function shareStore(store: Store): SharedStore | undefined {
  if (!(store instanceof Datadir)) return undefined;
  const claims = allocateClaims();
  store.useClaims(claims);
  return { type: 'datadir', folder: store.layout.root, level: store.level, claims };
}

export function openShared(shared: SharedStore): Store {
  return new Datadir(shared.folder, {
    claims: shared.claims,
    covered: true,
    ...(shared.level === undefined ? {} : { level: shared.level }),
  });
}
