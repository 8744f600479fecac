import type { ProgressListener } from '../../base/progress.ts';
import type { Entry, ItemError, RestoreOptions } from '../types.ts';
import { OUTCOME } from './messages.ts';

/** What a restore has done so far; tells those who listen. */
export class RestoreTally {
  readonly errors: ItemError[] = [];
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
    this.#options = options;
    this.#totalItems = total?.files;
    this.#totalBytes = total?.bytes;
  }

  /** A directory was made. */
  created(path: string, entry: Entry): void {
    this.directories++;
    this.#options.onChange?.({ action: 'create', kind: entry.kind, path });
  }

  /** An entry that is no directory has come to its end; see OUTCOME. */
  settled(path: string, entry: Entry, outcome: number): void {
    this.files++;
    this.bytes += entry.kind === 'file' ? (entry.content?.size ?? 0) : 0;
    if (outcome === OUTCOME.created) this.createdCount++;
    else if (outcome === OUTCOME.replaced) this.updatedCount++;
    else if (outcome === OUTCOME.unchanged) this.unchangedCount++;
    if (outcome === OUTCOME.created || outcome === OUTCOME.replaced) {
      this.#options.onChange?.({ action: outcome === OUTCOME.created ? 'create' : 'update', kind: entry.kind, path });
    }
    this.#report(path);
  }

  /** An entry that the tree does not have is removed, or would be in a dry run. */
  deleted(path: string): void {
    this.#options.onChange?.({ action: 'delete', kind: 'file', path });
  }

  removed(count: number): void {
    this.deletedCount += count;
  }

  error(path: string, code: string, message: string): void {
    const error = { path, code, message };
    this.errors.push(error);
    this.#options.onError?.(error);
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
