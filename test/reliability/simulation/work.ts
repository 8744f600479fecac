import type { TurnMemory } from './turns.ts';

/** What a thread of the simulation is started with. */
export interface ActorData {
  readonly turns: TurnMemory;
  readonly thread: number;
  /** All that the simulation touches stands in here. */
  readonly folder: string;
}

/** Something that people do with a store. Each opens the store anew, as a process would. */
export type Work =
  | {
      readonly type: 'save';
      readonly store: string;
      readonly archive: string;
      /** See versions.ts. */
      readonly versions: string;
      readonly version: number;
      readonly cacheFile: string;
    }
  | { readonly type: 'gc'; readonly store: string }
  | { readonly type: 'forget'; readonly store: string; readonly archive: string; readonly keep: number }
  | { readonly type: 'read'; readonly store: string; readonly archive: string }
  | { readonly type: 'verify'; readonly store: string };

/** How it ended: `outcome` is a tree for `save`; for all, a `failure` that is none of those which are to be expected. */
export interface Done {
  readonly outcome?: string;
  readonly failure?: string;
}
