import { CborWriter } from '../base/cbor-writer.ts';
import { writeRef } from '../block/ref-codec.ts';
import { modeWithKind } from './kinds.ts';
import type { Entry, Time } from './types.ts';

/**
 * What an encoded entry holds: all but the name and the owner, which a directory keeps beside it. So it stays valid when a file is renamed.
 */
export type EntryBody = Omit<Entry, 'name' | 'owner'>;

/** Keys of the map of what most entries lack. */
export const FIELD = { xattrs: 1, identity: 2, torn: 3, mimeType: 4, previous: 5, ctime: 6, btime: 7 } as const;

const writer = new CborWriter();

/**
 * The encoded entry, in a buffer of its own. Deterministic CBOR (docs/formats.md):
 *
 *     [mode with kind, mtime seconds, mtime nanoseconds, …of the kind, {fields that most lack}]
 *
 *     file: content ref      directory: size, digest, files, bytes      symlink: target      devices: major, minor      others: nothing
 *
 * The map is left out when empty. Throws TypeError when the kind lacks what it needs: a bug of the caller.
 */
export function encodeEntry(entry: EntryBody): Uint8Array {
  writer.clear();
  writeEntry(writer, entry);
  return writer.copy();
}

/** Appends the encoded entry. */
export function writeEntry(writer: CborWriter, entry: EntryBody): void {
  const fields = countFields(entry);
  writer.array(3 + itemsOfKind(entry) + (fields > 0 ? 1 : 0));
  writer.uint(modeWithKind(entry.kind, entry.mode));
  writer.int(entry.mtime.seconds);
  writer.uint(entry.mtime.nanoseconds);
  writeOfKind(writer, entry);
  if (fields > 0) writeFields(writer, entry, fields);
}

function itemsOfKind(entry: EntryBody): number {
  switch (entry.kind) {
    case 'file':
    case 'symlink':
      return 1;
    case 'directory':
      return 4;
    case 'character':
    case 'block':
      return 2;
    default:
      return 0;
  }
}

function writeOfKind(writer: CborWriter, entry: EntryBody): void {
  const { kind, content, summary, target, device } = entry;
  switch (kind) {
    case 'file':
      if (content === undefined) throw new TypeError('a file without content');
      return writeRef(writer, content);
    case 'directory':
      if (content?.kind !== 'block' || summary === undefined) throw new TypeError('a directory without node or summary');
      writer.uint(content.size);
      writer.bytes(content.digest);
      writer.uint(summary.files);
      return writer.uint(summary.bytes);
    case 'symlink':
      if (target === undefined) throw new TypeError('a symlink without target');
      return writer.byteName(target);
    case 'character':
    case 'block':
      if (device === undefined) throw new TypeError('a device without number');
      writer.uint(device.major);
      return writer.uint(device.minor);
    case 'hardlink':
      if (entry.identity === undefined) throw new TypeError('a hard link without identity');
      return;
    default:
  }
}

function countFields(entry: EntryBody): number {
  let count = 0;
  if (entry.xattrs !== undefined && entry.xattrs.length > 0) count++;
  if (entry.identity !== undefined) count++;
  if (entry.torn) count++;
  if (entry.mimeType !== undefined) count++;
  if (entry.previous !== undefined) count++;
  if (entry.ctime !== undefined) count++;
  if (entry.btime !== undefined) count++;
  return count;
}

function writeFields(writer: CborWriter, entry: EntryBody, count: number): void {
  writer.map(count);
  if (entry.xattrs !== undefined && entry.xattrs.length > 0) {
    writer.uint(FIELD.xattrs);
    writer.array(2 * entry.xattrs.length);
    for (const { name, value } of entry.xattrs) {
      writer.byteName(name);
      writer.bytes(value);
    }
  }
  if (entry.identity !== undefined) {
    writer.uint(FIELD.identity);
    writer.bytes(entry.identity);
  }
  if (entry.torn) {
    writer.uint(FIELD.torn);
    writer.boolean(true);
  }
  if (entry.mimeType !== undefined) {
    writer.uint(FIELD.mimeType);
    writer.text(entry.mimeType);
  }
  if (entry.previous !== undefined) {
    writer.uint(FIELD.previous);
    writer.bytes(entry.previous);
  }
  writeTime(writer, FIELD.ctime, entry.ctime);
  writeTime(writer, FIELD.btime, entry.btime);
}

function writeTime(writer: CborWriter, field: number, time: Time | undefined): void {
  if (time === undefined) return;
  writer.uint(field);
  writer.array(2);
  writer.int(time.seconds);
  writer.uint(time.nanoseconds);
}
