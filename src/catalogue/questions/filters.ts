import { UsageError } from '../../base/errors.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import { type FileKind, kindOfType } from '../../sys/stat.ts';
import { FILE_TYPE } from './entry-types.ts';
import { fold } from './fold.ts';
import { extensionsOfMime } from './mime.ts';
import { SEPARATOR } from './name-page.ts';
import type { Term } from './term.ts';

/** What a node must be like beside its name. Everything given must hold; of a list, one of it. */
export interface Filters {
  readonly kinds?: readonly FileKind[];
  /** Bounds of a file's size, inclusive. Given either, only files are found. */
  readonly minBytes?: number;
  readonly maxBytes?: number;
  /** Modification time: at or after, and before, in milliseconds since 1970. */
  readonly modifiedSinceMs?: number;
  readonly modifiedBeforeMs?: number;
  /** The same of the change time. */
  readonly changedSinceMs?: number;
  readonly changedBeforeMs?: number;
  readonly uids?: readonly number[];
  /** Without the point, in any case. */
  readonly extensions?: readonly string[];
  /** A MIME type, by its extensions: `image/png`, `image/*`. */
  readonly mime?: string;
  readonly digest?: Digest;
  /** Absolute: only what lies below. */
  readonly below?: ByteName;
  /** Anything else that can be told from a path, as the owner by rules. */
  readonly accepts?: (path: ByteName) => boolean;
}

export interface Condition {
  readonly sql: string;
  readonly values: readonly (number | bigint | Uint8Array)[];
}

/** Directory entry types that there can be: four bits. */
const TYPES = Array.from({ length: 16 }, (_, type) => type);

/** What the database can tell of the columns of `node`. */
export function conditionOf(filters: Filters): Condition {
  const parts: string[] = [];
  const values: (number | bigint | Uint8Array)[] = [];
  const add = (sql: string, ...given: (number | bigint | Uint8Array)[]): void => {
    parts.push(sql);
    values.push(...given);
  };
  const { kinds, minBytes, maxBytes, uids, digest } = filters;
  if (kinds !== undefined)
    add(`kind IN (${kinds.map(() => '?').join()})`, ...kinds.map((kind) => TYPES.findIndex((type) => kindOfType(type) === kind)));
  if (minBytes !== undefined || maxBytes !== undefined) add('kind = ?', FILE_TYPE);
  if (minBytes !== undefined) add('size >= ?', minBytes);
  if (maxBytes !== undefined) add('size <= ?', maxBytes);
  if (filters.modifiedSinceMs !== undefined) add('mtime >= ?', nanoseconds(filters.modifiedSinceMs));
  if (filters.modifiedBeforeMs !== undefined) add('mtime < ?', nanoseconds(filters.modifiedBeforeMs));
  if (filters.changedSinceMs !== undefined) add('ctime >= ?', nanoseconds(filters.changedSinceMs));
  if (filters.changedBeforeMs !== undefined) add('ctime < ?', nanoseconds(filters.changedBeforeMs));
  if (uids !== undefined) add(`uid IN (${uids.map(() => '?').join()})`, ...uids);
  if (digest !== undefined) add('digest = ?', digest);
  return { sql: parts.length === 0 ? 'TRUE' : parts.join(' AND '), values };
}

/** What names tell: extension and MIME type. Throws UsageError for a type that is not known. */
export function termsOfFilters({ extensions, mime }: Filters): Term[] {
  const terms: Term[] = [];
  if (extensions !== undefined) terms.push(extensionTerm(extensions));
  if (mime !== undefined) {
    const known = extensionsOfMime(mime);
    if (known.length === 0)
      throw new UsageError(`no extension is known for the MIME type ${mime}`, 'Search by --ext, or for a whole kind: image/*');
    terms.push(extensionTerm(known));
  }
  return terms;
}

function extensionTerm(extensions: readonly string[]): Term {
  const endings = extensions.map((extension) => fold(nameFromText(`.${extension.replace(/^\./, '')}`)));
  return {
    on: 'name',
    needles: endings.map((ending) => [`${ending}${SEPARATOR}`]),
    test: ({ folded }) => endings.some((ending) => folded.endsWith(ending)),
  };
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}
