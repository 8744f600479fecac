import { type ByteName, showName } from '../../base/names.ts';
import type { ProgressListener } from '../../base/progress.ts';
import { ErrorTally } from '../error-tally.ts';
import type { SaveOptions } from '../types.ts';

/** What a save has seen and done so far; tells those who listen. */
export class Tally extends ErrorTally {
  files = 0;
  directories = 0;
  bytes = 0;
  readFiles = 0;
  readBytes = 0;
  #seenItems = 0;
  #seenBytes = 0;
  #walked = false;
  #streamedBytes = 0;
  readonly #onProgress: ProgressListener | undefined;
  readonly #onDoubt: SaveOptions['onDoubt'];

  constructor(options: SaveOptions) {
    super(options.onError);
    this.#onProgress = options.onProgress;
    this.#onDoubt = options.onDoubt;
  }

  /** See `SaveOptions.onDoubt`. */
  doubt(path: () => string): void {
    this.#onDoubt?.(path() as ByteName);
  }

  /** An item failed, or is not what it was when its reading began. */
  failed(path: string, code: string, message: string): void {
    this.error(showName(path as ByteName) || '.', code, message);
    this.doubt(() => path);
  }

  /** The walk has come to a file. */
  seen(bytes: number): void {
    this.#seenItems++;
    this.#seenBytes += bytes;
  }

  /** So many bytes of a stream, whose end is not known, have gone by. */
  streamed(bytes: number): void {
    this.#streamedBytes += bytes;
    this.#onProgress?.({ phase: 'saving', doneItems: 0, doneBytes: this.#streamedBytes });
  }

  /** The walk is through: what was seen is all there is. */
  walked(): void {
    this.#walked = true;
  }

  /** An entry that is not a directory is stored. */
  done(bytes: number): void {
    this.files++;
    this.bytes += bytes;
  }

  report(current: () => string): void {
    if (this.#onProgress === undefined) return;
    this.#onProgress({
      phase: 'saving',
      doneItems: this.files,
      doneBytes: this.bytes,
      ...(this.#walked && { totalItems: this.#seenItems, totalBytes: this.#seenBytes }),
      current: current(),
    });
  }
}
