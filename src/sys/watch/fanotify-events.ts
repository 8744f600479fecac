import { FormatError, NewerFormatError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { EventList } from './event-list.ts';
import { readName } from './event-name.ts';
import { DELETE_SELF, QUEUE_OVERFLOW, writingOf } from './masks.ts';
import type { DirectoryKey } from './types.ts';

const QUEUE = 'queue of fanotify';

/** `struct fanotify_event_metadata` (fanotify(7)). Information records follow behind `METADATA_LENGTH` bytes. */
const VERSION = 4;
const METADATA_LENGTH = 6;
const MASK = 8;
const PID = 20;
const METADATA_BYTES = 24;
const KNOWN_VERSION = 3;

/** `struct fanotify_event_info_fid`: type, padding, length; then what makes a key: id of the file system, and `struct file_handle`. A name follows. */
const INFO_LENGTH = 2;
const INFO_KEY = 4;
const INFO_HANDLE_LENGTH = 12;
const INFO_HANDLE_TYPE = 16;
const INFO_BYTES = 20;

const DIRECTORY_AND_NAME = 2;
const DIRECTORY = 3;
const OLD_DIRECTORY_AND_NAME = 10;
const NEW_DIRECTORY_AND_NAME = 12;

/** What the kernel gives in place of a handle that it had no memory for (FILEID_INVALID). */
const INVALID_HANDLE = 0xff;

/** Adds all events of `bytes`, which one read(2) of a fanotify queue gave. Throws FormatError when they are none. */
export function decodeFanotify(bytes: Buffer, into: EventList): void {
  const decoder = new Decoder(bytes, into);
  for (let at = 0; at < bytes.length; ) at = decoder.event(at);
}

/** Where an event is, out of one of its records. */
class Place {
  directory: DirectoryKey | undefined;
  name: ByteName | undefined;
}

class Decoder {
  readonly #bytes: Buffer;
  readonly #into: EventList;
  /** Filled anew for each event. */
  readonly #place = new Place();
  readonly #target = new Place();
  /** Where the last key was read, and the key: events come in runs of one directory, and comparing bytes is cheaper than making strings. */
  #keyAt = 0;
  #keyBytes = 0;
  #key = '' as DirectoryKey;

  constructor(bytes: Buffer, into: EventList) {
    this.#bytes = bytes;
    this.#into = into;
  }

  /** Adds the event at `at`; returns where the next one begins. */
  event(at: number): number {
    const bytes = this.#bytes;
    if (bytes.length - at < METADATA_BYTES) throw new FormatError(QUEUE, 'cut short', at);
    const end = at + bytes.readUInt32LE(at);
    const version = bytes[at + VERSION] as number;
    if (version > KNOWN_VERSION) throw new NewerFormatError(QUEUE, version, KNOWN_VERSION);
    const start = at + bytes.readUInt16LE(at + METADATA_LENGTH);
    if (version < KNOWN_VERSION || start < at + METADATA_BYTES || start > end || end > bytes.length)
      throw new FormatError(QUEUE, 'impossible lengths', at);
    // The upper half of the mask has no bits that are asked for.
    const mask = bytes.readUInt32LE(at + MASK);
    if ((mask & QUEUE_OVERFLOW) !== 0) this.#into.addOverflow();
    else {
      this.#records(start, end);
      this.#add(mask, bytes.readInt32LE(at + PID));
    }
    return end;
  }

  #add(mask: number, pid: number): void {
    const { directory, name } = this.#place;
    const { directory: toDirectory, name: toName } = this.#target;
    const to = toDirectory !== undefined && toName !== undefined;
    if (directory !== undefined && name !== undefined) {
      if (to) this.#into.addRename(directory, name, toDirectory, toName, pid);
      else this.#into.add(directory, name, writingOf(mask), pid);
      if ((mask & DELETE_SELF) !== 0) this.#into.addLost(directory);
    } else if (to) {
      // A rename into what is watched out of what is not.
      this.#into.add(toDirectory, toName, undefined, pid);
    } else {
      // Something changed, and the kernel could not say where.
      this.#into.addOverflow();
    }
  }

  #records(start: number, end: number): void {
    this.#place.directory = undefined;
    this.#target.directory = undefined;
    for (let at = start; at < end; ) {
      if (end - at < INFO_KEY) throw new FormatError(QUEUE, 'record cut short', at);
      const next = at + this.#bytes.readUInt16LE(at + INFO_LENGTH);
      if (next < at + INFO_KEY || next > end) throw new FormatError(QUEUE, 'record of an impossible length', at);
      const type = this.#bytes[at];
      if (type === DIRECTORY_AND_NAME || type === DIRECTORY || type === OLD_DIRECTORY_AND_NAME) this.#read(at, next, this.#place);
      else if (type === NEW_DIRECTORY_AND_NAME) this.#read(at, next, this.#target);
      at = next;
    }
  }

  #read(at: number, end: number, place: Place): void {
    if (end - at < INFO_BYTES) throw new FormatError(QUEUE, 'record cut short', at);
    const handleEnd = at + INFO_BYTES + this.#bytes.readUInt32LE(at + INFO_HANDLE_LENGTH);
    if (handleEnd > end) throw new FormatError(QUEUE, 'handle beyond the end', at);
    if (this.#bytes.readInt32LE(at + INFO_HANDLE_TYPE) === INVALID_HANDLE) return;
    place.directory = this.#readKey(at + INFO_KEY, handleEnd);
    place.name = readName(this.#bytes, handleEnd, end, QUEUE);
  }

  #readKey(start: number, end: number): DirectoryKey {
    if (end - start === this.#keyBytes && this.#isSameKey(start)) return this.#key;
    this.#keyAt = start;
    this.#keyBytes = end - start;
    this.#key = this.#bytes.toString('latin1', start, end) as DirectoryKey;
    return this.#key;
  }

  #isSameKey(start: number): boolean {
    const bytes = this.#bytes;
    // Keys of one file system differ at their ends.
    for (let i = this.#keyBytes - 1; i >= 0; i--) if (bytes[start + i] !== bytes[this.#keyAt + i]) return false;
    return true;
  }
}
