import fs from 'node:fs';
import { FormatError, hasErrno } from '../../base/errors.ts';

/** The disk cannot read what stands there; another time it may. */
export class UnreadableError extends FormatError {
  constructor(at: number) {
    super('segment', 'the disk cannot read this (EIO)', at);
  }
}

/** Reads what there is of a segment at an offset; how many bytes. What the disk cannot read is damaged like what reads wrong, so that other copies are looked for: UnreadableError. */
export function readAt(fd: number, bytes: Uint8Array, at: number): number {
  try {
    return fs.readSync(fd, bytes, 0, bytes.length, at);
  } catch (error) {
    if (hasErrno(error, 'EIO')) throw new UnreadableError(at);
    throw error;
  }
}
