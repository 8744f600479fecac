import fs from 'node:fs';
import { FormatError, hasErrno } from '../../../base/errors.ts';
import { giveBack } from '../../../base/give-back.ts';
import type { HashAlgorithm } from '../../../hash/types.ts';
import { decodePayload } from '../codec.ts';
import { readAt } from '../read-at.ts';
import { decodeRecordHeader, decodeTable, RECORD_HEADER_BYTES, type TableEntry } from '../record.ts';
import type { CheckReply, CheckRequest, RecordDamage } from './messages.ts';

/** Reads records whole: their checksums, and the digest of every block. */
export function checkRecords({ paths, records }: CheckRequest, hash: HashAlgorithm): CheckReply {
  const damages: RecordDamage[] = [];
  let rawBytes = 0;
  const fd = openAny(paths);
  // Removed by the collector: what lived in it stands elsewhere.
  if (fd === undefined) return { damages, rawBytes };
  try {
    for (const { offset, bytes } of records) {
      let table: readonly TableEntry[] = [];
      let bad: Uint8Array[] | undefined;
      try {
        const record = readFully(fd, offset, bytes);
        const header = decodeRecordHeader(record);
        const payloadAt = RECORD_HEADER_BYTES + header.tableBytes;
        table = decodeTable(header, record.subarray(RECORD_HEADER_BYTES, payloadAt), hash.hashBytes);
        const payload = record.subarray(payloadAt);
        const raw = decodePayload(header, payload);
        rawBytes += raw.length;
        bad = table
          .filter(({ hash: expected, start, size }) => !isRight(hash, raw.subarray(start, start + size), expected))
          .map((entry) => entry.hash);
        if (raw !== payload) giveBack(raw);
        if (bad.length > 0)
          damages.push({ offset, problem: `${bad.length} blocks have another digest than the table says`, hashes: Buffer.concat(bad) });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        damages.push({ offset, problem: error.message, hashes: Buffer.concat(table.map((entry) => entry.hash)) });
      }
    }
  } finally {
    fs.closeSync(fd);
  }
  return { damages, rawBytes };
}

function isRight(hash: HashAlgorithm, bytes: Uint8Array, expected: Uint8Array): boolean {
  return Buffer.compare(hash.hash(bytes).subarray(2), expected) === 0;
}

/** What is read goes into one buffer, record after record. */
let scratch = Buffer.allocUnsafeSlow(1 << 20);

function readFully(fd: number, offset: number, length: number): Uint8Array {
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length);
  const bytes = scratch.subarray(0, length);
  if (readAt(fd, bytes, offset) !== length) throw new FormatError('record', 'cut short', offset);
  return bytes;
}

function openAny(paths: readonly string[]): number | undefined {
  for (const path of [...paths, ...paths]) {
    try {
      return fs.openSync(path, 'r');
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }
  return undefined;
}
