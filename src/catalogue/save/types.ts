import type { ByteName } from '../../base/names.ts';
import type { Store } from '../../store/types.ts';
import type { Change } from '../../tree/save/changes.ts';
import type { SaveOptions } from '../../tree/types.ts';
import type { Observed } from '../service-types.ts';
import type { NodeId } from '../types.ts';

/**
 * Saving what is watched: where the catalogue knows of every change since a tree was saved, the next save looks at those places alone. Whatever leaves any doubt about that is a
 * reason to look at everything.
 */

/** Why the catalogue cannot say all that may have changed, as a clause that goes on after "because". */
export interface Doubt {
  readonly doubt: string;
}

export function isDoubt(value: object): value is Doubt {
  return 'doubt' in value;
}

/** A directory on disk that lies in a root, or is one, with what the catalogue says of it. */
export interface WatchedSource {
  /** Absolute, without symbolic links. */
  readonly path: ByteName;
  readonly node: NodeId;
  /** Number of its root, and when the first scan of that ended: a root that is added again is another. */
  readonly root: number;
  readonly scanned: string;
  /** Device, inode and birth time on disk, and the node: what stands at the path is what stood there, if this is the same. */
  readonly identity: string;
  /** Files below, by the catalogue. */
  readonly files: number;
}

/** What may differ below a source, by the catalogue. */
export type ChangesSince = readonly Change[] | Doubt;

/** Resolves when everything that happened before the call is in the catalogue; rejects when that cannot be, or with the reason of `signal`. */
export type Observe = (signal: AbortSignal) => Promise<Observed>;

/** What is to be saved, and who knows what of it. */
export interface WatchedSaveRequest {
  readonly store: Store;
  readonly archive: string;
  /** A directory: absolute, without symbolic links. */
  readonly source: ByteName;
  readonly options: SaveOptions;
  /** Where the file cache of the source stands; what is known of its last save stands beside it. */
  readonly cacheFile: string;
  /** The file of the catalogue. */
  readonly catalogue: string;
  readonly observe: Observe;
  /** Told which way is taken: at how many paths is looked, or why at all of them. */
  readonly onWay?: (way: { readonly paths: number } | Doubt) => void;
}
