import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { blake3 } from '../../src/hash/blake3.ts';
import { decodePayload, encodePayload } from '../../src/store/datadir/codec.ts';
import {
  decodeRecordHeader,
  decodeTable,
  encodeRecordHead,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  TableBuilder,
} from '../../src/store/datadir/record.ts';
import { SEGMENT_HEADER_BYTES } from '../../src/store/datadir/segment-file.ts';
import { readRecord } from '../../src/store/datadir/segment-reader.ts';
import { scanSegment } from '../../src/store/datadir/segment-scan.ts';
import { fuzz } from '../support/fuzz.ts';
import type { Random } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';

const HASH_BYTES = 32;

function record(random: Random): Buffer {
  const blocks = Array.from({ length: 1 + random.below(6) }, () => Buffer.alloc(random.below(300), `block ${random.below(10)}`));
  const table = new TableBuilder(HASH_BYTES);
  for (const block of blocks) table.add(blake3.hash(block), 2, block.length);
  const raw = Buffer.concat(blocks);
  const { codec, bytes } = encodePayload(raw, 1);
  return Buffer.concat([encodeRecordHead(table.bytes(), blocks.length, codec, raw.length, bytes), bytes]);
}

/** Makes the checksum of a header right, as whoever wants to be believed would. */
function sealed(header: Buffer): Buffer {
  if (header.length >= RECORD_HEADER_BYTES) header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  return header;
}

describe('whatever is in a segment', () => {
  test('the header of a record is read or refused', (context) => fuzz(context, record, (input) => decodeRecordHeader(sealed(input)), 5));

  test('the table of a record is read or refused', (context) => {
    let header: RecordHeader;
    return fuzz(
      context,
      (random) => {
        const bytes = record(random);
        header = decodeRecordHeader(bytes);
        return bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + header.tableBytes);
      },
      (table) => decodeTable({ ...header, tableBytes: table.length, tableCrc: crc32(table) }, table, HASH_BYTES),
      5,
    );
  });

  test('a payload is decompressed or refused', (context) => {
    let header: RecordHeader;
    return fuzz(
      context,
      (random) => {
        const bytes = record(random);
        header = decodeRecordHeader(bytes);
        return bytes.subarray(RECORD_HEADER_BYTES + header.tableBytes);
      },
      (stored) => decodePayload({ ...header, storedBytes: stored.length, payloadCrc: crc32(stored) }, stored),
    );
  });

  test('a segment is walked to its end', (context) => {
    const file = join(scratchFolder(context), 'segment');
    return fuzz(
      context,
      (random) => Buffer.concat([Buffer.alloc(SEGMENT_HEADER_BYTES), ...Array.from({ length: 4 }, () => record(random))]),
      (input) =>
        withFile(file, input, (fd) => {
          let end = SEGMENT_HEADER_BYTES;
          for (const found of scanSegment(fd, 0, input.length, HASH_BYTES)) {
            if (found.offset !== end) throw new Error(`nothing is said of bytes ${end} to ${found.offset}`);
            end = found.offset + (found.kind === 'record' ? found.recordBytes : found.bytes);
          }
          if (input.length > SEGMENT_HEADER_BYTES && end !== input.length) throw new Error(`the walk ended at ${end} of ${input.length}`);
        }),
      0.25,
    );
  });

  test('a record is read where an index says it is, or refused', (context) => {
    const file = join(scratchFolder(context), 'segment');
    return fuzz(
      context,
      record,
      (input) => withFile(file, input, (fd) => readRecord(fd, 0, new Uint8Array(input.length), HASH_BYTES)),
      0.5,
    );
  });
});

function withFile<T>(file: string, content: Buffer, use: (fd: number) => T): T {
  fs.writeFileSync(file, content);
  const fd = fs.openSync(file, 'r');
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}
