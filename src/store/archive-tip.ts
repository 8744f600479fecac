import fs from 'node:fs';
import { decodeCheckedJson, encodeCheckedJson } from '../base/checked-json.ts';
import { FormatError, hasErrno } from '../base/errors.ts';
import { readWhole } from '../base/read-whole.ts';
import { commitFile } from '../sys/durable.ts';

/** Length of the file: it is overwritten in place by one write that no crash tears in practice (well below a sector). */
const TIP_BYTES = 64;

/**
 * The witness of an archive: how many lines it has at least. It stands in a file of its own, so that lines that vanish from the archive are
 * missed. It may lag behind after a crash, but never runs ahead.
 */
export class ArchiveTip {
  readonly #path: string;

  constructor(file: string) {
    this.#path = file;
  }

  /** Before the first line: from now on an archive without its tip is a damaged one. */
  begin(): void {
    if (!fs.existsSync(this.#path)) commitFile(this.#path, encode(0));
  }

  /** After lines were added. Not synced: a power cut may leave an older number, which is still true. */
  set(lines: number): void {
    this.#write(lines, false);
  }

  /** Before lines are removed. */
  lower(lines: number): void {
    this.#write(lines, true);
  }

  /** Makes it anew, whatever stood there. */
  renew(lines: number): void {
    commitFile(this.#path, encode(lines));
  }

  #write(lines: number, durable: boolean): void {
    const fd = fs.openSync(this.#path, fs.constants.O_WRONLY | fs.constants.O_CREAT, 0o600);
    try {
      fs.writeSync(fd, encode(lines), 0, TIP_BYTES, 0);
      if (durable) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  remove(): void {
    fs.rmSync(this.#path, { force: true });
  }

  /** What is wrong, given that the archive has so many lines. */
  problem(lines: number): string | undefined {
    const witnessed = this.#read();
    if (witnessed === 'missing') return lines === 0 ? undefined : `its witness ${this.#path} is missing`;
    if (witnessed instanceof FormatError) return witnessed.message;
    return witnessed > lines ? `${witnessed} revisions were written, ${lines} are left` : undefined;
  }

  /** How many lines are missing, as far as can be known, given that the archive has so many. */
  lost(lines: number): number {
    const witnessed = this.#read();
    return typeof witnessed === 'number' ? Math.max(0, witnessed - lines) : 0;
  }

  #read(): number | 'missing' | FormatError {
    try {
      return decode(readWhole(this.#path), this.#path);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return 'missing';
      if (error instanceof FormatError) return error;
      throw error;
    }
  }
}

function encode(lines: number): Buffer {
  const text = encodeCheckedJson({ lines }).trimEnd();
  return Buffer.from(`${text.padEnd(TIP_BYTES - 1)}\n`, 'latin1');
}

function decode(bytes: Buffer, what: string): number {
  const { lines } = decodeCheckedJson(bytes.toString('latin1').trimEnd(), what);
  if (typeof lines !== 'number' || !bytes.equals(encode(lines))) throw new FormatError(what, 'is not what was written');
  return lines;
}
