import type { ProgressListener } from '../../base/progress.ts';
import { ErrorTally } from '../error-tally.ts';
import type { Entry, EntryKind, RestoreChange, RestoreOptions } from '../types.ts';
import { OUTCOME } from './messages.ts';

/** What is told of each outcome. */
const ACTIONS: Record<number, RestoreChange['action']> = {
  [OUTCOME.created]: 'create',
  [OUTCOME.replaced]: 'update',
  [OUTCOME.metadata]: 'metadata',
};

/** What a restore has done so far; tells those who listen. */
export class RestoreTally extends ErrorTally {
  files = 0;
  directories = 0;
  bytes = 0;
  createdCount = 0;
  updatedCount = 0;
  unchangedCount = 0;
  deletedCount = 0;
  readonly #options: RestoreOptions;
  readonly #totalItems: number | undefined;
  readonly #totalBytes: number | undefined;

  constructor(options: RestoreOptions, total: { readonly files: number; readonly bytes: number } | undefined) {
    super(options.onError);
    this.#options = options;
    this.#totalItems = total?.files;
    this.#totalBytes = total?.bytes;
  }

  /** A directory was restored, be it new or not. */
  directory(): void {
    this.directories++;
  }

  /** An entry that is no directory has come to its end; see OUTCOME. */
  settled(path: string, entry: Entry, outcome: number): void {
    this.files++;
    this.bytes += entry.kind === 'file' ? (entry.content?.size ?? 0) : 0;
    if (outcome === OUTCOME.created) this.createdCount++;
    else if (outcome === OUTCOME.unchanged) this.unchangedCount++;
    else if (outcome !== OUTCOME.failed) this.updatedCount++;
    const action = ACTIONS[outcome];
    if (action !== undefined) this.change(action, entry.kind, path);
    this.#report(path);
  }

  /** Something is changed, or would be in a dry run. */
  change(action: RestoreChange['action'], kind: EntryKind, path: string): void {
    this.#options.onChange?.({ action, kind, path });
  }

  removed(count: number): void {
    this.deletedCount += count;
  }

  #report(current: string): void {
    const listener: ProgressListener | undefined = this.#options.onProgress;
    listener?.({
      phase: 'restoring',
      doneItems: this.files,
      doneBytes: this.bytes,
      ...(this.#totalItems !== undefined && { totalItems: this.#totalItems }),
      ...(this.#totalBytes !== undefined && { totalBytes: this.#totalBytes }),
      current,
    });
  }
}
