import { borg, borgZstd } from './borg.ts';
import { casync } from './casync.ts';
import { restic } from './restic.ts';
import type { Peer } from './types.ts';
import { varve } from './varve.ts';

/** Everything that is measured, Varve first. */
export const PEERS: readonly Peer[] = [varve, restic, borg, borgZstd, casync];
