import { FormatError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { EventList } from './event-list.ts';
import { readName } from './event-name.ts';
import { MOVED_FROM, MOVED_TO, QUEUE_OVERFLOW, writingOf } from './masks.ts';
import type { DirectoryKey } from './types.ts';

const QUEUE = 'queue of inotify';

const UNMOUNT = 0x2000;
const IGNORED = 0x8000;

/** `struct inotify_event` (inotify(7)): watch, mask, cookie, length of the name, which follows, padded with NULs. */
const MASK = 4;
const COOKIE = 8;
const LENGTH = 12;
const HEAD_BYTES = 16;

interface HalfRename {
  readonly directory: DirectoryKey;
  readonly name: ByteName;
}

/** The key of events of a watch. */
export function keyOfWatch(watch: number): DirectoryKey {
  return String(watch) as DirectoryKey;
}

/** Adds all events of `bytes`, which one read(2) of an inotify queue gave. Throws FormatError when they are none. */
export function decodeInotify(bytes: Buffer, into: EventList): void {
  /** First halves of renames, by cookie. Their second halves follow at once, but others' events may get in between. */
  const halves = new Map<number, HalfRename>();
  let watch = -1;
  let directory = keyOfWatch(watch);
  for (let at = 0; at < bytes.length; ) {
    const end = endOfEvent(bytes, at);
    if (bytes.readInt32LE(at) !== watch) {
      watch = bytes.readInt32LE(at);
      directory = keyOfWatch(watch);
    }
    const mask = bytes.readUInt32LE(at + MASK);
    const cookie = bytes.readUInt32LE(at + COOKIE);
    if ((mask & QUEUE_OVERFLOW) !== 0) into.addOverflow();
    else if ((mask & IGNORED) !== 0) into.addLost(directory);
    // That the watch is ignored from now on follows.
    else if ((mask & UNMOUNT) === 0) {
      const name = readName(bytes, at + HEAD_BYTES, end, QUEUE);
      if ((mask & MOVED_FROM) !== 0) halves.set(cookie, { directory, name });
      else if ((mask & MOVED_TO) !== 0) endRename(halves, cookie, directory, name, into);
      else into.add(directory, name, writingOf(mask), 0);
    }
    at = end;
  }
  for (const half of halves.values()) into.add(half.directory, half.name, undefined, 0);
}

function endRename(halves: Map<number, HalfRename>, cookie: number, directory: DirectoryKey, name: ByteName, into: EventList): void {
  const from = halves.get(cookie);
  halves.delete(cookie);
  if (from === undefined) into.add(directory, name, undefined, 0);
  else into.addRename(from.directory, from.name, directory, name, 0);
}

function endOfEvent(bytes: Buffer, at: number): number {
  if (bytes.length - at < HEAD_BYTES) throw new FormatError(QUEUE, 'cut short', at);
  const end = at + HEAD_BYTES + bytes.readUInt32LE(at + LENGTH);
  if (end > bytes.length) throw new FormatError(QUEUE, 'name beyond the end', at);
  return end;
}
