import fs from 'node:fs';
import { encodeCheckedJson, readCheckedJson } from '../../../base/checked-json.ts';
import { FormatError, hasErrno } from '../../../base/errors.ts';
import { isUnwritable } from '../../write-failure.ts';

const VERSION = 1;
/** Written so often at most: what a killed process has to do once more. */
const WRITE_EVERY_MS = 1000;

/**
 * Which segments a verification has read to their ends without finding anything wrong, so that one that was interrupted can be resumed: a file of the store, which
 * is gone when a verification has come to its end. Nothing but time depends on it, so it is not synced, and in a store that cannot be written to there is none.
 */
export class CheckedSegments {
  /** When the first of the runs began that this tells of, as an ISO time. */
  readonly begun: string;
  readonly #file: string;
  readonly #ends: Map<string, number>;
  #writtenAt = performance.now();

  /** Takes over what the file says, with `resume`; a file that is damaged, or from another version, says nothing. */
  constructor(file: string, resume: boolean) {
    const known = resume ? read(file) : undefined;
    this.#file = file;
    this.begun = known?.begun ?? new Date().toISOString();
    this.#ends = known?.ends ?? new Map();
  }

  /** Up to where a segment was found sound; 0 when nothing is known. */
  endOf(segment: string): number {
    return this.#ends.get(segment) ?? 0;
  }

  /** A segment was read up to `end`, and nothing is wrong with it. */
  add(segment: string, end: number): void {
    this.#ends.set(segment, end);
    if (performance.now() - this.#writtenAt >= WRITE_EVERY_MS) this.write();
  }

  write(): void {
    this.#writtenAt = performance.now();
    if (this.#ends.size === 0) return;
    const { begun } = this;
    attempt(() => {
      fs.writeFileSync(`${this.#file}.tmp`, encodeCheckedJson({ version: VERSION, begun, segments: Object.fromEntries(this.#ends) }), {
        mode: 0o600,
      });
      fs.renameSync(`${this.#file}.tmp`, this.#file);
    });
  }

  /** Everything was verified. */
  remove(): void {
    attempt(() => fs.rmSync(this.#file, { force: true }));
  }
}

function read(file: string): { readonly begun: string; readonly ends: Map<string, number> } | undefined {
  try {
    const { version, begun, segments } = readCheckedJson(file, file);
    if (version !== VERSION || typeof begun !== 'string' || typeof segments !== 'object' || segments === null) return undefined;
    const ends = Object.entries(segments).filter((each): each is [string, number] => Number.isSafeInteger(each[1]));
    return { begun, ends: new Map(ends) };
  } catch (error) {
    if (error instanceof FormatError || hasErrno(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
}

function attempt(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isUnwritable(error) && !hasErrno(error, 'ENOENT')) throw error;
  }
}
