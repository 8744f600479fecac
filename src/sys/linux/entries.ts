import { SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { PackedEntries } from '../packed-entries.ts';
import { failedWith, failure } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';
import { encodeName, encodeString } from '../posix/memory.ts';
import { Stat, typeOfKind } from '../stat.ts';
import type { Entries } from '../types.ts';
import { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, SEEK_SET, STATX_BASIC_AND_BIRTH } from './flags.ts';

/** Room for some 6000 records, so that most directories need two calls: one that fills, one that finds the end. */
const records = Buffer.alloc(256 * 1024);
/** For one name: a record, whose length has 16 bits, is longer. */
const path = Buffer.alloc(1 << 16);
const stat = new Stat();
let types = new Uint8Array(4096);

/** Offsets in `struct linux_dirent64` (getdents(2)); the name follows, ended by NUL, and the record is padded to `length`. */
const LENGTH = 16;
const TYPE = 18;
const NAME = 19;

/** The entries of an open directory but `.` and `..`, from its beginning. */
export function listDirectory(fd: number): Entries {
  if (libc.lseek(fd, 0, SEEK_SET) < 0) throw failure('lseek', fd);
  const names: ByteName[] = [];
  for (;;) {
    const end = libc.getdents64(fd, records, records.length);
    if (end < 0) throw failure('getdents64', fd);
    if (end === 0) return { names, types: types.slice(0, names.length) };
    readRecords(end, names, fd);
  }
}

/** See `Directory.statEntries`. */
export function statDirectory(fd: number, into: PackedEntries, onFailure: (name: ByteName, error: SystemError) => void): void {
  eachRecord(fd, (_, name, end) => {
    if (isStated(fd, name, end, onFailure)) into.add(stat.bytes, records, name, end);
  });
}

/** See `Directory.openFiles`; `open` returns a descriptor or -1. */
export function openInDirectory(
  fd: number,
  open: (path: Uint8Array) => number,
  visit: (fd: number, stat: Stat, names: Uint8Array, from: number, to: number) => boolean,
  onFailure: (name: ByteName, error: SystemError) => void,
): ByteName[] {
  const directories: ByteName[] = [];
  eachRecord(fd, (type, name, end) => {
    if (type === DIRECTORY_TYPE) directories.push(nameOf(name, end));
    if (type !== FILE_TYPE && type !== UNKNOWN_TYPE) return;
    // Only what the listing calls a file may be opened: to open something else, a device, may do something.
    const file = type === FILE_TYPE ? open(pathOf(name, end)) : -1;
    if (file < 0) {
      if (!isStated(fd, name, end, onFailure)) return;
      if (stat.type === FILE_TYPE) visit(-1, stat, records, name, end);
      else if (stat.type === DIRECTORY_TYPE) directories.push(nameOf(name, end));
      return;
    }
    let isTaken = false;
    try {
      if (libc.statx(file, NOTHING, AT_EMPTY_PATH, STATX_BASIC_AND_BIRTH, stat.bytes) < 0) throw failure('statx', file);
      if (stat.type !== FILE_TYPE) return;
      isTaken = visit(file, stat, records, name, end);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      onFailure(nameOf(name, end), error);
    } finally {
      if (!isTaken) libc.close(file);
    }
  });
  return directories;
}

/** Shows every entry but `.` and `..`: its type, and where in `records` its name begins and ends. Names stay in the buffer that the kernel has filled: it takes and ends them there. */
function eachRecord(fd: number, show: (type: number, nameFrom: number, nameTo: number) => void): void {
  if (libc.lseek(fd, 0, SEEK_SET) < 0) throw failure('lseek', fd);
  for (;;) {
    const end = libc.getdents64(fd, records, records.length);
    if (end < 0) throw failure('getdents64', fd);
    if (end === 0) return;
    for (let at = 0; at < end; ) {
      const length = (records[at + LENGTH] as number) | ((records[at + LENGTH + 1] as number) << 8);
      const name = at + NAME;
      const nameEnd = endOfName(name, at + length);
      if (!isSelfOrParent(name, nameEnd)) show(records[at + TYPE] as number, name, nameEnd);
      at += length;
    }
  }
}

/** Puts what is known of an entry into `stat`. False where it has vanished, or that failed, which is told. */
function isStated(fd: number, nameFrom: number, nameTo: number, onFailure: (name: ByteName, error: SystemError) => void): boolean {
  const path = pathOf(nameFrom, nameTo);
  if (libc.statx(fd, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_AND_BIRTH, stat.bytes) === 0) return true;
  if (failedWith('ENOENT')) return false;
  const text = nameOf(nameFrom, nameTo);
  onFailure(text, failure('statx', fd, text));
  return false;
}

/** Some file systems leave the type out. */
const UNKNOWN_TYPE = 0;
const DIRECTORY_TYPE = typeOfKind('directory');
const FILE_TYPE = typeOfKind('file');
const NOTHING = encodeString('' as ByteName);

function nameOf(from: number, to: number): ByteName {
  return records.toString('latin1', from, to) as ByteName;
}

/** A name with the NUL behind it, as long as no other is asked for. It is copied, since a view of it would take longer, and has to be collected. */
function pathOf(from: number, to: number): Uint8Array {
  for (let at = from; at <= to; at++) path[at - from] = records[at] as number;
  return path;
}

const DOT = 0x2e;

function isSelfOrParent(from: number, to: number): boolean {
  return records[from] === DOT && (to - from === 1 || (to - from === 2 && records[from + 1] === DOT));
}

function readRecords(end: number, names: ByteName[], fd: number): void {
  for (let at = 0; at < end; ) {
    const length = (records[at + LENGTH] as number) | ((records[at + LENGTH + 1] as number) << 8);
    const name = readName(at + NAME, at + length);
    if (name !== '.' && name !== '..') {
      if (names.length === types.length) types = doubled(types);
      types[names.length] = (records[at + TYPE] as number) || typeByStat(fd, name);
      names.push(name);
    }
    at += length;
  }
}

function readName(start: number, limit: number): ByteName {
  return nameOf(start, endOfName(start, limit));
}

/** Where the NUL behind a name stands. Padding is less than 8 bytes, so it is looked for from close to the end. */
function endOfName(start: number, limit: number): number {
  let end = Math.max(start, limit - 8);
  while (end < limit && records[end] !== 0) end++;
  return end;
}

/** The type where the listing leaves it out. An entry that has vanished since counts as a file; whoever opens it will see. */
function typeByStat(fd: number, name: ByteName): number {
  const result = libc.statx(fd, encodeName(name), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_AND_BIRTH, stat.bytes);
  return result === 0 ? stat.type : FILE_TYPE;
}

function doubled(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
