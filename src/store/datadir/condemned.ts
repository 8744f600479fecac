import fs from 'node:fs';
import { encodeCheckedJson, readCheckedJson } from '../../base/checked-json.ts';
import { FormatError, hasErrno } from '../../base/errors.ts';
import { commitFile } from '../../sys/durable.ts';

/**
 * Segments that are about to be removed (gc). A condemned segment is still read, but no block in it counts as present for those who add
 * blocks. It may be swept once every session of `waitFor` has ended, since only those may have begun before they could know.
 */
export interface Condemned {
  readonly segments: readonly string[];
  /** Sessions that lived when the list was published; undefined when its writer died before it could look. */
  readonly waitFor: readonly string[] | undefined;
}

const NONE: Condemned = { segments: [], waitFor: [] };

/** Reads the list. A damaged one counts as empty: nothing is removed on its word. */
export function readCondemned(file: string): Condemned {
  try {
    const { segments, waitFor } = readCheckedJson(file, file);
    if (!isStrings(segments) || (waitFor !== undefined && !isStrings(waitFor))) return NONE;
    return { segments, waitFor };
  } catch (error) {
    if (error instanceof FormatError || hasErrno(error, 'ENOENT')) return NONE;
    throw error;
  }
}

/** The commit point of condemning: whoever begins a session after this sees the list. */
export function writeCondemned(file: string, { segments, waitFor }: Condemned): void {
  if (segments.length === 0) fs.rmSync(file, { force: true });
  else commitFile(file, encodeCheckedJson({ segments, ...(waitFor === undefined ? {} : { waitFor }) }));
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
