import { CborReader } from '../base/cbor-reader.ts';
import { CborWriter } from '../base/cbor-writer.ts';
import type { ByteName } from '../base/names.ts';
import { readRecordHead, writeRecordHead } from '../block/record.ts';
import { readEntry } from './entry-decoder.ts';
import { writeEntry } from './entry-encoder.ts';
import { OwnerTable, readOwners } from './owner-table.ts';
import type { Entry, Owner } from './types.ts';

const VERSION = 1;

/**
 * The root block of a tree: `["root", 1, owners, [], entry]`, the entry of what was saved, without a name. Its digest is *the tree's
 * digest*: so a tree keeps its own mode, times, owner and attributes, and a single file can be saved as well as a directory.
 */
export function encodeRoot(entry: Omit<Entry, 'name'>): Uint8Array {
  const writer = new CborWriter();
  const owners = new OwnerTable();
  writeRecordHead(writer, 'root', VERSION, 5);
  owners.write(writer, [owners.add(entry.owner)]);
  writeEntry(writer, entry);
  return writer.copy();
}

/** The entry of a root block; its name is empty. Throws FormatError, also when `block` is of another kind. */
export function decodeRoot(block: Uint8Array): Entry {
  const reader = new CborReader(block, 'root block');
  if (readRecordHead(reader, 'root', VERSION) !== 3) reader.fail('wrong number of items', 0);
  const { owners, byEntry } = readOwners(reader);
  if (owners.length !== 1 || byEntry.length !== 0) reader.fail('not exactly one owner');
  const entry = readEntry(reader, '' as ByteName, owners[0] as Owner);
  reader.end();
  return entry;
}
