import { DatabaseFullError, isDatabaseFull, VarveError } from './errors.ts';

/** An error on its way from one thread to another. */
export interface ThreadFailure {
  readonly code: string;
  readonly message: string;
  readonly advice: string | undefined;
  readonly stack: string | undefined;
  /** False for a bug. */
  readonly expected: boolean;
}

export function describeError(error: unknown): ThreadFailure {
  if (isDatabaseFull(error)) return describeError(new DatabaseFullError(error));
  if (!(error instanceof Error)) return { code: 'BUG', message: String(error), advice: undefined, stack: undefined, expected: false };
  const { message, stack } = error;
  if (error instanceof VarveError) return { code: error.code, message, advice: error.advice, stack, expected: true };
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== undefined) return { code, message, advice: undefined, stack, expected: true };
  return { code: 'BUG', message, advice: undefined, stack, expected: false };
}

/** The error with the code, advice and stack that it had in its own thread; its class is lost. */
export function rebuildError({ code, message, advice, stack, expected }: ThreadFailure): Error {
  const error = expected ? new VarveError(code, message, advice === undefined ? {} : { advice }) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
