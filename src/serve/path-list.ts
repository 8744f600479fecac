import { UsageError } from '../base/errors.ts';
import { readPath } from './event-query.ts';

/** Reads the body of a request about folders. Throws UsageError. */
export function readPaths(body: unknown): string[] {
  const { paths } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every((path) => typeof path === 'string'))
    throw new UsageError('the request needs the list paths', 'Send it as JSON.');
  return paths.map(readPath);
}
