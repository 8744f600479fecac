import type { ItemError } from './types.ts';

/** The items that failed in one piece of work so far; tells who listens. */
export class ErrorTally {
  readonly errors: ItemError[] = [];
  readonly #onError: ((error: ItemError) => void) | undefined;

  constructor(onError: ((error: ItemError) => void) | undefined) {
    this.#onError = onError;
  }

  error(path: string, code: string, message: string): void {
    const error = { path, code, message };
    this.errors.push(error);
    this.#onError?.(error);
  }
}
