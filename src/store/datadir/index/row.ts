/**
 * A row of the index: 20 bytes of the hash (a collision of those costs an attacker 2^80 work), and where the block stands.
 *
 *   key 20 | segment number 2 | record offset 5 | length of the record 3 | number of the block in the record 2
 */
export const KEY_BYTES = 20;
export const ROW_BYTES = 32;
/** Bounds that the widths of a row set. */
export const MAX_SEGMENT_BYTES = 2 ** 40 - 1;
const MAX_RECORD_BYTES = 2 ** 24 - 1;
/** So many segments can be told apart in one run. */
export const MAX_RUN_SEGMENTS = 2 ** 16;
/** A block may be so large: with its record's head it still fits a row, even if it cannot be compressed. */
export const MAX_BLOCK_BYTES = MAX_RECORD_BYTES - 2 ** 16;

/** Where a block stands: `segment` is the UUID of the segment as hexadecimal digits. */
export interface Location {
  readonly segment: string;
  readonly offset: number;
  readonly recordBytes: number;
  readonly block: number;
}

/** A location whose segment is a number that its run, or its table of pending rows, resolves. */
export interface RowLocation {
  readonly segment: number;
  readonly offset: number;
  readonly recordBytes: number;
  readonly block: number;
}

/** Writes the row of the block whose hash stands at `hashAt` in `hash`. */
export function writeRow(
  row: Uint8Array,
  at: number,
  hash: Uint8Array,
  hashAt: number,
  segment: number,
  { offset, recordBytes, block }: Omit<RowLocation, 'segment'>,
): void {
  for (let i = 0; i < KEY_BYTES; i++) row[at + i] = hash[hashAt + i] as number;
  const high = Math.floor(offset / 2 ** 32);
  row[at + 20] = segment & 0xff;
  row[at + 21] = segment >>> 8;
  row[at + 22] = offset & 0xff;
  row[at + 23] = (offset >>> 8) & 0xff;
  row[at + 24] = (offset >>> 16) & 0xff;
  row[at + 25] = (offset >>> 24) & 0xff;
  row[at + 26] = high;
  row[at + 27] = recordBytes & 0xff;
  row[at + 28] = (recordBytes >>> 8) & 0xff;
  row[at + 29] = recordBytes >>> 16;
  row[at + 30] = block & 0xff;
  row[at + 31] = block >>> 8;
}

export function readLocation(row: Uint8Array, at: number): RowLocation {
  return {
    segment: segmentNumber(row, at),
    offset:
      (row[at + 26] as number) * 2 ** 32 +
      (((row[at + 22] as number) |
        ((row[at + 23] as number) << 8) |
        ((row[at + 24] as number) << 16) |
        ((row[at + 25] as number) << 24)) >>>
        0),
    recordBytes: (row[at + 27] as number) | ((row[at + 28] as number) << 8) | ((row[at + 29] as number) << 16),
    block: (row[at + 30] as number) | ((row[at + 31] as number) << 8),
  };
}

export function segmentNumber(row: Uint8Array, at: number): number {
  return (row[at + 20] as number) | ((row[at + 21] as number) << 8);
}

export function setSegmentNumber(row: Uint8Array, at: number, segment: number): void {
  row[at + 20] = segment & 0xff;
  row[at + 21] = segment >>> 8;
}
