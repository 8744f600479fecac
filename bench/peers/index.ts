import { borg, borgMax, borgZstd } from './borg.ts';
import { casync } from './casync.ts';
import { restic, resticMax } from './restic.ts';
import type { Peer } from './types.ts';
import { varve } from './varve.ts';

/** Whose time and size are measured, Varve first. */
export const PEERS: readonly Peer[] = [varve, restic, borg, borgZstd, casync];

/** Whose size alone is measured: tools set to store as little as they can. */
export const SMALLEST_PEERS: readonly Peer[] = [resticMax, borgMax];
