import type { HistorySettings, NotifySettings } from '../base/config/types.ts';
import type { ByteName } from '../base/names.ts';
import type { ThreadFailure } from '../base/thread-failure.ts';
import type { GeneratedText } from '../catalogue/describe/generated.ts';
import type { Observed, ServiceState } from '../catalogue/service-types.ts';
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
  readonly notify: NotifySettings;
  readonly history: HistorySettings;
  readonly watcher: WatcherKind | 'none' | undefined;
}

/** What can be asked of it. `sync`: answered when everything before the question is in the catalogue; `finish`: when besides every file was read that has to be; `catchUp`: when every file was that had to be by then. */
export interface CatalogueAnswers {
  readonly state: ServiceState;
  readonly sync: Observed;
  readonly finish: ServiceState;
  readonly catchUp: ServiceState;
  readonly pause: ServiceState;
  readonly continue: ServiceState;
}
/** What somebody says that a path is, or a model of a content. */
export type DescriptionAsk = { readonly path: ByteName; readonly text: string } | GeneratedText;
/** Roots that are not to be watched any more. */
export interface UnwatchAsk {
  readonly unwatch: readonly ByteName[];
}
export type CatalogueAsk = keyof CatalogueAnswers | DescriptionAsk | UnwatchAsk;
export type AnswerTo<Ask extends CatalogueAsk> = Ask extends keyof CatalogueAnswers ? CatalogueAnswers[Ask] : ServiceState;

export interface CatalogueQuestion {
  readonly id: number;
  readonly ask: CatalogueAsk;
}

export type CatalogueAnswer =
  | {
      readonly type: 'ready';
      readonly watcher: WatcherKind | 'none';
      readonly refused: readonly RefusedKind[];
    }
  /** Everything has been compared with the disk since it was started, and is in the catalogue. */
  | { readonly type: 'observing' }
  /** Something that it works on without. */
  | { readonly type: 'problem'; readonly problem: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: AnswerTo<CatalogueAsk> }
  | { readonly type: 'failed'; readonly id: number; readonly failure: ThreadFailure };
