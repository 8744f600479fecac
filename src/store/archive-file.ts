import fs from 'node:fs';
import path from 'node:path';
import { hasErrno } from '../base/errors.ts';
import { readWhole } from '../base/read-whole.ts';
import { commitFile, syncFolder } from '../sys/durable.ts';
import { lockWait } from '../sys/lock-wait.ts';
import { system } from '../sys/system.ts';
import { type ArchiveRepair, joinLines, putAside, sortLines } from './archive-repair.ts';
import { ArchiveTip } from './archive-tip.ts';
import type { ArchiveLog } from './types.ts';
import { writeFailure, writing } from './write-failure.ts';

/**
 * An archive as a text file (T6): one line a revision, appended under the kernel's lock on the file itself.
 *
 * Commit point of an append: the fsync of the file after its line. A line without its line end was never acknowledged; it is not shown, and cut off by
 * the next append. Commit point of a rewrite: a rename; of a removal: the fsync of the empty file.
 */
export class ArchiveFile implements ArchiveLog {
  readonly name: string;
  readonly path: string;
  readonly #tip: ArchiveTip | undefined;
  readonly #prepare: (() => void) | undefined;

  /**
   * `tip`: keep a witness of the number of lines beside the file, so that a file cut short is noticed. `prepare` is called before the file may be made, to make
   * the folder that it stands in.
   */
  constructor(name: string, file: string, options: { readonly tip: boolean; readonly prepare?: () => void }) {
    this.name = name;
    this.path = file;
    this.#prepare = options.prepare;
    this.#tip = options.tip ? new ArchiveTip(`${file}.tip`) : undefined;
  }

  async lines(): Promise<string[]> {
    try {
      return splitLines(readWhole(this.path).toString('utf8'));
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  async append(line: string): Promise<void> {
    if (line.includes('\n')) throw new TypeError('an archive line holds no line end');
    try {
      this.#prepare?.();
      await this.#append(line);
    } catch (error) {
      throw writeFailure(error, this.path);
    }
  }

  async #append(line: string): Promise<void> {
    const fd = await this.#lock('create');
    try {
      const whole = fs.readFileSync(fd);
      const end = whole.lastIndexOf(0x0a) + 1;
      const lines = countLines(whole.subarray(0, end));
      const lost = this.#tip?.lost(lines) ?? 0;
      if (lines === 0) this.#tip?.begin();
      if (end < whole.length) fs.ftruncateSync(fd, end);
      try {
        system().write(fd, Buffer.from(`${line}\n`, 'utf8'), end);
        fs.fsyncSync(fd);
      } catch (error) {
        fs.ftruncateSync(fd, end);
        throw error;
      }
      if (end === 0) syncFolder(path.dirname(this.path));
      this.#tip?.set(lines + 1 + lost);
    } finally {
      fs.closeSync(fd);
    }
  }

  async rewrite(edit: (lines: readonly string[]) => readonly string[] | undefined): Promise<void> {
    let fd = await this.#lock('existing');
    if (fd === undefined) {
      if ((edit([]) ?? []).length === 0) return;
      writing(this.path, () => this.#prepare?.());
      fd = await this.#lock('create');
    }
    try {
      const lines = splitLines(fs.readFileSync(fd, 'utf8'));
      const edited = edit(lines);
      if (edited === undefined) return;
      writing(this.path, () => this.#replace(fd, lines, edited));
    } finally {
      fs.closeSync(fd);
    }
  }

  #replace(fd: number, lines: readonly string[], edited: readonly string[]): void {
    // What was lost before is still missed afterwards, unless nothing is to be left.
    const witnessed = edited.length === 0 ? 0 : edited.length + (this.#tip?.lost(lines.length) ?? 0);
    // The witness never claims more than was written, whichever of the two files a crash leaves behind.
    if (lines.length === 0 && edited.length > 0) this.#tip?.begin();
    if (edited.length < lines.length) this.#tip?.lower(witnessed);
    if (edited.length === 0) this.#remove(fd);
    else {
      commitFile(this.path, edited.map((line) => `${line}\n`).join(''));
      this.#tip?.set(witnessed);
    }
  }

  /** Emptying the file is the commit point. Its name goes last: from then on nobody waits for our lock, and a new archive may begin, with a witness of its own. */
  #remove(fd: number): void {
    fs.ftruncateSync(fd, 0);
    fs.fsyncSync(fd);
    this.#tip?.remove();
    fs.rmSync(this.path);
    syncFolder(path.dirname(this.path));
  }

  /**
   * Mends the file when anything is wrong with it: what `isSound` denies, and a torn end, goes to the file `.damaged` beside it, what was there before is kept; the other
   * lines stay, and the witness says how many. Without any the archive is removed.
   */
  async repair(isSound: (line: string) => boolean): Promise<ArchiveRepair> {
    const isThere = fs.existsSync(this.path) || (await this.problem()) !== undefined;
    if (!isThere) return { problem: undefined, aside: undefined, lines: 0, lostLines: 0 };
    this.#prepare?.();
    const fd = await this.#lock('create');
    try {
      return writing(this.path, () => this.#repair(fd, isSound));
    } finally {
      fs.closeSync(fd);
    }
  }

  #repair(fd: number, isSound: (line: string) => boolean): ArchiveRepair {
    const bytes = fs.readFileSync(fd);
    const written = countLines(bytes);
    const problem = this.#tip?.problem(written);
    const lostLines = this.#tip?.lost(written) ?? 0;
    const { sound, damaged } = sortLines(bytes, isSound);
    const isTornOnly = damaged.length === 1 && sound.length === written;
    if (problem === undefined && (damaged.length === 0 || isTornOnly)) return { problem, aside: undefined, lines: written, lostLines };
    const aside = `${this.path}.damaged`;
    if (damaged.length > 0) putAside(aside, damaged);
    if (sound.length === 0) {
      this.#remove(fd);
    } else {
      this.#tip?.renew(sound.length);
      if (damaged.length > 0) commitFile(this.path, joinLines(sound));
    }
    return {
      problem,
      aside: damaged.length === 0 ? undefined : { file: aside, lines: damaged.map((line) => line.toString('utf8')) },
      lines: sound.length,
      lostLines,
    };
  }

  /**
   * What is wrong with the file as a file, or undefined: it has fewer lines than were acknowledged, or no witness of them. Looks while nobody appends or
   * rewrites, as far as the file may be locked.
   */
  async problem(): Promise<string | undefined> {
    const fd = await this.#lock('reading');
    if (fd === undefined) {
      const problem = this.#tip?.problem(0);
      // It may have begun just now.
      return problem !== undefined && fs.existsSync(this.path) ? this.problem() : problem;
    }
    try {
      return this.#tip?.problem(countLines(readWhole(this.path, fd)));
    } finally {
      fs.closeSync(fd);
    }
  }

  async #lock(how: 'create'): Promise<number>;
  async #lock(how: 'existing' | 'reading'): Promise<number | undefined>;
  /** The open and locked file that stands at the path right now (a rewrite may have put another one there while we waited). */
  async #lock(how: keyof typeof OPENING): Promise<number | undefined> {
    for (;;) {
      let fd: number;
      try {
        fd = fs.openSync(this.path, OPENING[how], 0o600);
      } catch (error) {
        if (how !== 'create' && hasErrno(error, 'ENOENT')) return undefined;
        throw error;
      }
      let isThat = false;
      try {
        await lockWait(system(), fd, how === 'reading' ? 'shared' : 'exclusive');
        const now = fs.statSync(this.path, { throwIfNoEntry: false, bigint: true });
        const open = fs.fstatSync(fd, { bigint: true });
        isThat = now !== undefined && now.ino === open.ino && now.dev === open.dev;
        if (isThat) return fd;
      } finally {
        if (!isThat) fs.closeSync(fd);
      }
    }
  }
}

/** Flags of open(2) by what is to be done. */
const OPENING = { create: fs.constants.O_RDWR | fs.constants.O_CREAT, existing: 'r+', reading: 'r' } as const;

/** Complete lines only. */
function splitLines(text: string): string[] {
  const lines = text.split('\n');
  lines.pop();
  return lines;
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
  return lines;
}
