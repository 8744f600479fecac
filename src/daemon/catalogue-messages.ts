import type { ByteName } from '../base/names.ts';
import type { ThreadFailure } from '../base/thread-failure.ts';
import type { Observed, ServiceState } from '../catalogue/service.ts';
import type { SharedStore } from '../store/share.ts';
import type { RefusedKind } from '../sys/watch/open.ts';
import type { WatcherKind } from '../sys/watch/types.ts';

/** What the catalogue's thread is started with. */
export interface CatalogueThreadData {
  readonly database: string;
  readonly roots: readonly ByteName[];
  /** Varve's own folders. */
  readonly own: readonly ByteName[];
  readonly store: SharedStore | undefined;
  /** The name of the store's hash. */
  readonly hash: string;
  /** The folder of the user's rules of owners. */
  readonly owners: string;
  readonly watcher: WatcherKind | 'none' | undefined;
}

/** What can be asked of it. `sync`: answered when everything before the question is in the catalogue; `finish`: when besides every file was read that has to be. */
export type CatalogueAsk = keyof CatalogueAnswers;
export interface CatalogueAnswers {
  readonly state: ServiceState;
  readonly sync: Observed;
  readonly finish: ServiceState;
  readonly pause: ServiceState;
  readonly continue: ServiceState;
}

export interface CatalogueQuestion {
  readonly id: number;
  readonly ask: CatalogueAsk;
}

export type CatalogueAnswer =
  | {
      readonly type: 'ready';
      readonly watcher: WatcherKind | 'none';
      readonly refused: readonly RefusedKind[];
      readonly faults: readonly string[];
    }
  | { readonly type: 'answer'; readonly id: number; readonly answer: CatalogueAnswers[CatalogueAsk] }
  | { readonly type: 'failed'; readonly id: number; readonly failure: ThreadFailure };
