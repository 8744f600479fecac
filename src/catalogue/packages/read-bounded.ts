import fs from 'node:fs';
import { FormatError, hasErrno } from '../../base/errors.ts';

/** Far above the largest file of any package database that is read as a whole: dpkg's status of 5000 packages has 5 MB. */
const MAX_BYTES = 64 << 20;

/** A file as a string of its bytes; undefined where there is none. Throws FormatError for one too large to be what it should be. */
export function readBounded(file: string | Buffer): string | undefined {
  try {
    const { size } = fs.statSync(file);
    if (size > MAX_BYTES) throw new FormatError(String(file), `${size} bytes are too many`);
    return fs.readFileSync(file, 'latin1');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Bytes of a database as text for people. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
