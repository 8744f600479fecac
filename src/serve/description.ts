import { UsageError } from '../base/errors.ts';
import { digestFromText } from '../hash/digest.ts';
import { readPath } from './event-query.ts';
import type { NewDescription } from './types.ts';

/** Longer ones are cut when they are shown. */
const LONGEST_TEXT_CHARACTERS = 4096;
const LONGEST_MODEL_CHARACTERS = 256;

/** Reads the body of a request to describe something. Throws UsageError. */
export function readDescription(body: unknown): NewDescription {
  const { path, text, generated } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof path !== 'string' || typeof text !== 'string')
    throw new UsageError('a description needs the texts path and text', 'Send them as JSON.');
  if (text.length > LONGEST_TEXT_CHARACTERS) throw new UsageError(`a description may have at most ${LONGEST_TEXT_CHARACTERS} characters`);
  return { path: readPath(path), text, ...(generated !== undefined && { generated: readGenerated(generated) }) };
}

function readGenerated(value: unknown): NonNullable<NewDescription['generated']> {
  const { digest, model } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof digest !== 'string' || typeof model !== 'string' || model.length > LONGEST_MODEL_CHARACTERS)
    throw new UsageError('a generated description needs the texts digest and model');
  digestFromText(digest);
  return { digest, model };
}
