import type { ClaimsMemory } from './datadir/claims.ts';
import { allocateClaims, forgetClaims } from './datadir/claims.ts';
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
  readonly segmentBytes: number | undefined;
  /** Undefined for threads that only read. */
  readonly claims: ClaimsMemory | undefined;
}

/**
 * Makes a store known to other threads; undefined for stores that live in one thread. For `adding` it deduplicates from now on against what they add, and it is refused (with
 * the reason) when the store could not be held. What it deduplicates by may stand in the memory of an `earlier` sharing that all threads have finished with: megabytes that would
 * otherwise wait for the garbage collection of each of them.
 */
export function shareStore(store: Store, use: 'reading' | 'adding', earlier?: SharedStore): SharedStore | undefined {
  if (!(store instanceof Datadir)) return undefined;
  const claims = use === 'adding' ? (earlier?.claims ?? allocateClaims()) : undefined;
  if (claims !== undefined) {
    forgetClaims(claims);
    store.useClaims(claims);
  }
  return { type: 'datadir', folder: store.layout.root, level: store.level, segmentBytes: store.segmentBytes, claims };
}

/** Throws the reason why a store could not be held when it was to be: what is added to it would not be protected then. */
export function assertAddable(store: Store): void {
  if (store instanceof Datadir) store.assertProtected();
}

/** Whoever adds for months reads little, and goes through it in order. */
const READ_CACHE_BYTES = 2 << 20;

/** Opens the store once more, for another thread that holds and closes it itself, and has little to read. */
export function openAgain({ folder, level, segmentBytes }: SharedStore): Store {
  return new Datadir(folder, {
    readCacheBytes: READ_CACHE_BYTES,
    ...(level !== undefined && { level }),
    ...(segmentBytes !== undefined && { segmentBytes }),
  });
}

export function openShared({ folder, claims, level, segmentBytes }: SharedStore): Store {
  return new Datadir(folder, {
    covered: true,
    ...(claims !== undefined && { claims }),
    ...(level !== undefined && { level }),
    ...(segmentBytes !== undefined && { segmentBytes }),
  });
}
