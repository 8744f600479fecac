import { decodeCheckedJson, encodeCheckedJson } from '../base/checked-json.ts';
import { FormatError, NewerFormatError, VarveError } from '../base/errors.ts';
import type { Revision } from './types.ts';

const VERSION = 1;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const TREE = /^[a-z0-9-]+:[0-9a-f]+$/;

/** A revision and the line that says so, by which it is found again when it is to be changed. */
export interface LoggedRevision extends Revision {
  /** Counted from 1, as editors do. */
  readonly lineNumber: number;
  readonly line: string;
}

/** A line of an archive that cannot be read. */
export interface DamagedLine {
  readonly lineNumber: number;
  readonly line: string;
  readonly problem: string;
  /** It is sound, but of a newer format. */
  readonly isNewer: boolean;
}

/**
 * The line of a revision: one JSON object, `varve` (the version of the format) first, then the fields of Revision, those of `more` as they
 * are, and last `check`, the CRC-32 of all before it. Throws TypeError when `more` has a field that is ours.
 */
export function encodeRevision(revision: Revision): string {
  const { time, tree, files, bytes, host, user, source, note, tags, pinned, more = {} } = revision;
  for (const key of Object.keys(more)) if (OURS.has(key)) throw new TypeError(`the field ${key} is not free`);
  const fields = {
    varve: VERSION,
    time,
    tree,
    files,
    bytes,
    host,
    user,
    source,
    note,
    tags: tags?.length ? tags : undefined,
    pinned: pinned || undefined,
  };
  return encodeCheckedJson({ ...fields, ...more }).trimEnd();
}

/** Reads a line; throws FormatError, or NewerFormatError. */
export function decodeRevision(line: string): Revision {
  const fields = parse(line);
  const version = count(fields, 'varve');
  if (version > VERSION) throw new NewerFormatError('revision', version, VERSION);
  const more = Object.fromEntries(Object.entries(fields).filter(([key]) => !OURS.has(key)));
  return {
    time: text(fields, 'time', TIME),
    tree: text(fields, 'tree', TREE),
    files: count(fields, 'files'),
    bytes: count(fields, 'bytes'),
    host: text(fields, 'host'),
    user: text(fields, 'user'),
    ...('source' in fields && { source: text(fields, 'source') }),
    ...('note' in fields && { note: text(fields, 'note') }),
    ...('tags' in fields && { tags: texts(fields, 'tags') }),
    ...('pinned' in fields && { pinned: flag(fields, 'pinned') }),
    ...(Object.keys(more).length > 0 && { more }),
  };
}

/** Reads all lines of an archive. A damaged one costs itself only. */
export function decodeRevisions(lines: readonly string[]): { revisions: LoggedRevision[]; damaged: DamagedLine[] } {
  const revisions: LoggedRevision[] = [];
  const damaged: DamagedLine[] = [];
  lines.forEach((line, i) => {
    try {
      revisions.push({ ...decodeRevision(line), lineNumber: i + 1, line });
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      damaged.push({ lineNumber: i + 1, line, problem: error.message, isNewer: error instanceof NewerFormatError });
    }
  });
  return { revisions, damaged };
}

type Fields = Readonly<Record<string, unknown>>;
const OURS = new Set(['varve', 'time', 'tree', 'files', 'bytes', 'host', 'user', 'source', 'note', 'tags', 'pinned', 'check']);

function parse(line: string): Fields {
  try {
    return decodeCheckedJson(line, 'revision');
  } catch (error) {
    // The checksum may be right over what is no JSON, when a line was written by hand.
    if (error instanceof SyntaxError) throw new FormatError('revision', 'not a JSON object');
    throw error;
  }
}

function text(fields: Fields, key: string, pattern?: RegExp): string {
  const value = fields[key];
  if (typeof value !== 'string' || pattern?.test(value) === false) throw new FormatError('revision', `${key} is not what it should be`);
  return value;
}

function texts(fields: Fields, key: string): string[] {
  const value = fields[key];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new FormatError('revision', `${key} is not a list of texts`);
  return value;
}

function count(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new FormatError('revision', `${key} is not a count`);
  return value;
}

function flag(fields: Fields, key: string): boolean {
  const value = fields[key];
  if (typeof value !== 'boolean') throw new FormatError('revision', `${key} is neither true nor false`);
  return value;
}
