import { CborReader } from '../base/cbor-reader.ts';
import type { ByteName } from '../base/names.ts';
import { readDigest, readRef } from '../block/ref-codec.ts';
import type { BlockRef } from '../block/types.ts';
import { FIELD } from './entry-encoder.ts';
import { kindOfMode, PERMISSIONS } from './kinds.ts';
import { IDENTITY_BYTES, MAX_MIME_TYPE_BYTES, MAX_TARGET_BYTES, MAX_XATTR_NAME_BYTES, MAX_XATTRS } from './limits.ts';
import type { Entry, Owner, Time, Xattr } from './types.ts';

const NANOSECONDS = 1_000_000_000;
const FIELD_COUNT = 7;
const MAX_ITEMS = 8;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The entry that `encodeEntry` encoded, under its name and owner. Digests, literals and attribute values are views of `bytes`. Throws
 * FormatError.
 */
export function decodeEntry(bytes: Uint8Array, name: ByteName, owner: Owner): Entry {
  const reader = new CborReader(bytes, 'entry');
  const entry = readEntry(reader, name, owner);
  reader.end();
  return entry;
}

/** Reads an encoded entry; the name must have been checked. */
export function readEntry(reader: CborReader, name: ByteName, owner: Owner): Entry {
  const start = reader.at;
  const items = reader.array(MAX_ITEMS);
  const modeWithKind = reader.uint();
  const kind = kindOfMode(modeWithKind);
  const mode = modeWithKind & PERMISSIONS;
  const mtime = readTime(reader);
  let left = items - 3;
  let entry: Writable<Entry>;
  switch (kind) {
    case 'file':
      entry = { name, kind, mode, owner, mtime, content: readRef(reader) };
      left -= 1;
      break;
    case 'directory':
      entry = { name, kind, mode, owner, mtime, content: readNodeRef(reader), summary: { files: reader.uint(), bytes: reader.uint() } };
      left -= 4;
      break;
    case 'symlink':
      entry = { name, kind, mode, owner, mtime, target: reader.byteName(MAX_TARGET_BYTES) };
      left -= 1;
      break;
    case 'character':
    case 'block':
      entry = { name, kind, mode, owner, mtime, device: { major: reader.uint(), minor: reader.uint() } };
      left -= 2;
      break;
    case undefined:
      return reader.fail(`unknown kind in mode 0o${modeWithKind.toString(8)}`, start);
    default:
      entry = { name, kind, mode, owner, mtime };
  }
  if (left === 1) readFields(reader, entry);
  else if (left !== 0) reader.fail(`wrong number of items for a ${kind}`, start);
  if (kind === 'hardlink' && entry.identity === undefined) reader.fail('a hard link without identity', start);
  return entry;
}

function readNodeRef(reader: CborReader): BlockRef {
  const size = reader.uint();
  if (size === 0) reader.fail('empty directory node');
  return { kind: 'block', size, digest: readDigest(reader) };
}

function readTime(reader: CborReader): Time {
  const seconds = reader.int();
  const nanoseconds = reader.uint();
  if (nanoseconds >= NANOSECONDS) reader.fail('nanoseconds beyond a second');
  return { seconds, nanoseconds };
}

function readFields(reader: CborReader, entry: Writable<Entry>): void {
  const count = reader.map(FIELD_COUNT);
  if (count === 0) reader.fail('empty map of fields');
  let previousKey = 0;
  for (let i = 0; i < count; i++) {
    const key = reader.uint();
    if (key <= previousKey) reader.fail('fields out of order');
    previousKey = key;
    readField(reader, key, entry);
  }
}

function readField(reader: CborReader, key: number, entry: Writable<Entry>): void {
  switch (key) {
    case FIELD.xattrs:
      entry.xattrs = readXattrs(reader);
      break;
    case FIELD.identity:
      entry.identity = reader.bytes(IDENTITY_BYTES);
      if (entry.identity.length !== IDENTITY_BYTES) reader.fail('identity of the wrong length');
      break;
    case FIELD.torn:
      if (!reader.boolean()) reader.fail('torn is either true or left out');
      entry.torn = true;
      break;
    case FIELD.mimeType:
      entry.mimeType = reader.text(MAX_MIME_TYPE_BYTES);
      break;
    case FIELD.previous:
      entry.previous = readDigest(reader);
      break;
    case FIELD.ctime:
      entry.ctime = readTimePair(reader);
      break;
    case FIELD.btime:
      entry.btime = readTimePair(reader);
      break;
    default:
      reader.fail(`unknown field ${key}`);
  }
}

function readTimePair(reader: CborReader): Time {
  if (reader.array(2) !== 2) reader.fail('a time of one item');
  return readTime(reader);
}

function readXattrs(reader: CborReader): Xattr[] {
  const items = reader.array(2 * MAX_XATTRS);
  if (items === 0 || items % 2 !== 0) reader.fail('attributes not in pairs');
  const xattrs: Xattr[] = [];
  let previous = '';
  for (let i = 0; i < items; i += 2) {
    const name = reader.byteName(MAX_XATTR_NAME_BYTES);
    if (name <= previous || name.includes('\0')) reader.fail('attribute names empty, out of order, or with NUL');
    previous = name;
    xattrs.push({ name, value: reader.bytes() });
  }
  return xattrs;
}
