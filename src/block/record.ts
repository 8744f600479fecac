import type { CborReader } from '../base/cbor-reader.ts';
import type { CborWriter } from '../base/cbor-writer.ts';
import { NewerFormatError } from '../base/errors.ts';

/**
 * Blocks that Varve itself composes are *records*: a CBOR array whose first item is the type and whose second is the version of that type's
 * format. So each kind is told apart by its first bytes; what begins otherwise is content. Content may imitate a record, so what a block
 * *is* follows from where it is referred to, and this only guards against mistakes.
 */
export type RecordType = 'refs' | 'dir' | 'root';

const TYPES: readonly RecordType[] = ['refs', 'dir', 'root'];
const MAX_TYPE_BYTES = 8;
const MAX_ITEMS = 16;

/** Begins a record of `items` items in all; `items - 2` more must follow. */
export function writeRecordHead(writer: CborWriter, type: RecordType, version: number, items: number): void {
  writer.array(items);
  writer.text(type);
  writer.uint(version);
}

/** Reads the head of a record of that type; how many items follow. Throws NewerFormatError beyond version `known`. */
export function readRecordHead(reader: CborReader, type: RecordType, known: number): number {
  const items = reader.array(MAX_ITEMS);
  const found = reader.text(MAX_TYPE_BYTES);
  if (found !== type) reader.fail(`record of type ${JSON.stringify(found)}, expected ${JSON.stringify(type)}`, 0);
  const version = reader.uint();
  if (version > known) throw new NewerFormatError(`record ${type}`, version, known);
  if (version === 0) reader.fail('version 0', 0);
  return items - 2;
}

/** The type of record that `block` begins like; undefined for content. */
export function recordType(block: Uint8Array): RecordType | undefined {
  const arrayHead = block[0] ?? 0;
  const textHead = block[1] ?? 0;
  if (arrayHead < 0x82 || arrayHead > 0x80 + MAX_ITEMS) return undefined;
  return TYPES.find(
    (type) => textHead === 0x60 + type.length && Buffer.from(block.subarray(2, 2 + type.length)).toString('latin1') === type,
  );
}
