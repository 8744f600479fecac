import { describeError, rebuildError } from '../base/thread-failure.ts';

/**
 * An error as the API tells it: the body of an answer, or the last line of a stream. Stacks stay in the daemon's log.
 */
export interface WireError {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly advice?: string;
    /** False for a bug of the daemon. */
    readonly expected: boolean;
  };
}

export function toWire(error: unknown): WireError {
  const { code, message, advice, expected } = describeError(error);
  return { error: { code, message, ...(advice !== undefined && { advice }), expected } };
}

/** The error that `toWire` told, a VarveError where it was one; undefined when `value` is something else. */
export function fromWire(value: unknown): Error | undefined {
  if (!isObject(value) || !isObject(value.error)) return undefined;
  const { code, message, advice, expected } = value.error;
  if (typeof code !== 'string' || typeof message !== 'string' || typeof expected !== 'boolean') return undefined;
  return rebuildError({ code, message, advice: typeof advice === 'string' ? advice : undefined, stack: undefined, expected });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
