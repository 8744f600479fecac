import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { decodeCheckedJson, encodeCheckedJson } from '../../base/checked-json.ts';
import { FormatError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { randomUuid } from '../../sys/random.ts';

const FORMAT = 1;
/** More paths that have to be looked at again than this are not worth remembering. */
export const MOST_SUSPECTS = 1000;

/** What the catalogue was when a source was saved: all that has to be the same, for its events to tell what has changed since. */
export interface CatalogueMoment {
  /** Which database. */
  readonly catalogue: string;
  /** The newest event then, and its time in ns: in a catalogue that was put back from a copy, other events get the same numbers. */
  readonly event: number;
  readonly eventTime: string;
  /** The root and the directory, as in WatchedSource. */
  readonly root: number;
  readonly scanned: string;
  readonly identity: string;
}

/** What is known of the last save of a source into an archive (docs/formats.md, "Last save"). It is a cache: without it everything is looked at. */
export interface LastSave extends CatalogueMoment {
  readonly store: string;
  readonly archive: string;
  readonly source: ByteName;
  /** Of the options that decide what is saved. */
  readonly options: string;
  /** Text digest of the tree that was saved. */
  readonly tree: string;
  /** When everything was looked at last: ISO 8601. */
  readonly full: string;
  /** Mount points in it, sorted. */
  readonly mounts: readonly ByteName[];
  /** Paths below it that have to be looked at again. */
  readonly suspects: readonly ByteName[];
}

/** Where it stands, beside the file cache of the source. */
export function lastSaveFile(cacheFile: string): string {
  return `${cacheFile}.last`;
}

/** Undefined when there is none, or none that can be read. */
export function readLastSave(file: string): LastSave | undefined {
  try {
    const { format, ...found } = decodeCheckedJson(readFileSync(file, 'utf8'), 'last save');
    return format === FORMAT && isLastSave(found) ? found : undefined;
  } catch (error) {
    if (error instanceof FormatError || (error as NodeJS.ErrnoException).syscall !== undefined) return undefined;
    throw error;
  }
}

/** Puts it in place of the one before. Not synced: one that a power cut tears is recognised. Where it cannot be written, the next save looks at everything. */
export function writeLastSave(file: string, save: LastSave): void {
  const temporary = `${file}.${randomUuid()}.tmp`;
  try {
    writeFileSync(temporary, encodeCheckedJson({ format: FORMAT, ...save }), { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    rmSync(temporary, { force: true });
  }
}

/** Reads it, and forgets it: of what is saved now by looking at everything, some may be what no event has told of. */
export function takeLastSave(cacheFile: string): LastSave | undefined {
  const file = lastSaveFile(cacheFile);
  const last = readLastSave(file);
  rmSync(file, { force: true });
  return last;
}

const TEXTS = ['catalogue', 'eventTime', 'scanned', 'identity', 'store', 'archive', 'source', 'options', 'tree', 'full'] as const;

function isLastSave(value: object): value is LastSave {
  const { event, root, mounts, suspects } = value as Record<string, unknown>;
  return (
    TEXTS.every((name) => typeof (value as Record<string, unknown>)[name] === 'string') &&
    Number.isSafeInteger(event) &&
    Number.isSafeInteger(root) &&
    areTexts(mounts) &&
    areTexts(suspects) &&
    suspects.length <= MOST_SUSPECTS
  );
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
