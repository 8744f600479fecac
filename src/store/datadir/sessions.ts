import fs from 'node:fs';
import path from 'node:path';
import { decodeCheckedJson, encodeCheckedJson } from '../../base/checked-json.ts';
import { FormatError, hasErrno } from '../../base/errors.ts';
import { digestFromText, digestToText } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { system } from '../../sys/system.ts';
import { newId } from './header.ts';

/**
 * A session says: somebody is using this store now, and relies on these trees. It is a file that is locked for as long as its process lives.
 *
 * Invariant: under its final name a session file is complete, and locked unless its process is gone. (It is written and locked under a
 * temporary name first.)
 */
export interface LiveSession {
  readonly id: string;
  readonly pins: readonly Digest[];
}

const SESSION_NAME = /^[0-9a-f]{32}\.session$/;

/** A temporary file of this age has been left behind by a process that died while it made a session. Nothing but tidiness hangs on it. */
const ABANDONED_MS = 86_400_000;

/** An open session of this process. */
export class Session {
  readonly id: string;
  readonly #file: string;
  #fd: number | undefined;

  private constructor(id: string, file: string, fd: number) {
    this.id = id;
    this.#file = file;
    this.#fd = fd;
  }

  static begin(folder: string, pins: readonly Digest[]): Session {
    const id = newId();
    const file = path.join(folder, `${id}.session`);
    const fd = fs.openSync(`${file}.tmp`, 'wx', 0o600);
    try {
      if (!system().lock(fd, 'exclusive')) throw new Error('a new session file is locked already');
      fs.writeFileSync(fd, encodeCheckedJson({ pins: pins.map(digestToText) }));
      fs.renameSync(`${file}.tmp`, file);
    } catch (error) {
      fs.closeSync(fd);
      fs.rmSync(`${file}.tmp`, { force: true });
      throw error;
    }
    return new Session(id, file, fd);
  }

  /** Where the file cannot be removed, nobody holds it any more all the same. */
  end(): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#fd = undefined;
    try {
      fs.rmSync(this.#file, { force: true });
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** The sessions whose processes live. What dead ones left behind is removed. */
export function liveSessions(folder: string): LiveSession[] {
  const live: LiveSession[] = [];
  for (const name of listFolder(folder)) {
    const file = path.join(folder, name);
    if (!SESSION_NAME.test(name)) {
      // It may be about to be locked by its maker, whom a lock of ours would disturb.
      if ((fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) < Date.now() - ABANDONED_MS)
        fs.rmSync(file, { force: true });
      continue;
    }
    const fd = openExisting(file);
    if (fd === undefined) continue;
    try {
      // Nobody holds it: its process died.
      if (system().lock(fd, 'shared')) fs.rmSync(file, { force: true });
      else live.push({ id: name.slice(0, 32), pins: readPins(fd, file) });
    } finally {
      fs.closeSync(fd);
    }
  }
  return live;
}

function readPins(fd: number, file: string): Digest[] {
  const { pins } = decodeCheckedJson(fs.readFileSync(fd, 'utf8'), file);
  if (!Array.isArray(pins) || !pins.every((pin) => typeof pin === 'string')) throw new FormatError(file, 'has no pins');
  return pins.map(digestFromText);
}

function listFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function openExisting(file: string): number | undefined {
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
