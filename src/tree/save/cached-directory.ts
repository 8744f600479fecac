import { crc32 } from 'node:zlib';
import { FormatError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { digestFromBytes } from '../../hash/digest.ts';
import { SIGNATURE_BYTES } from '../../sys/stat.ts';
import type { WrittenDirectory } from '../directory-writer.ts';

/**
 * A directory's record in the file cache (docs/formats.md, "File cache"):
 *
 *   length 4 | checksum 4 | result: size 4, files 8, bytes 8, digest length 1, digest | name length 2, name | entry count 4 | entries
 *
 * An entry: name length 2, name, signature 72, files 8, bytes 8, identity length 1, identity, encoded entry length 4, encoded entry.
 */
export interface CacheItem {
  readonly name: ByteName;
  readonly signature: Uint8Array;
  readonly files: number;
  readonly bytes: number;
  readonly identity: Uint8Array | undefined;
  readonly encoded: Uint8Array;
}

const HEAD_BYTES = 8;
const FIXED_BYTES = 2 + SIGNATURE_BYTES + 8 + 8 + 1 + 4;

/** Where an entry stands in the record of its directory. */
export interface CachedEntry {
  readonly files: number;
  readonly bytes: number;
  readonly identity: Uint8Array | undefined;
  readonly encoded: Uint8Array;
  readonly signature: Uint8Array;
}

/** Reads a record. */
export class CachedDirectory {
  /** The record as it stands, for a new cache to take over. */
  readonly record: Buffer;
  readonly name: ByteName;
  readonly written: WrittenDirectory;
  /** Offset of the signature of each entry. */
  readonly #offsets = new Map<ByteName, number>();

  /** Throws FormatError when the record is damaged. */
  constructor(record: Buffer) {
    if (record.length < HEAD_BYTES || crc32(record.subarray(HEAD_BYTES)) !== record.readUInt32LE(4))
      throw new FormatError('file cache', 'checksum differs');
    this.record = record;
    const digestBytes = record.readUInt8(28);
    this.written = {
      content: { kind: 'block', digest: digestFromBytes(record, 29), size: record.readUInt32LE(8) },
      summary: { files: record.readDoubleLE(12), bytes: record.readDoubleLE(20) },
    };
    let at = 29 + digestBytes;
    const nameBytes = record.readUInt16LE(at);
    this.name = record.toString('latin1', at + 2, at + 2 + nameBytes) as ByteName;
    at += 2 + nameBytes;
    const count = record.readUInt32LE(at);
    at += 4;
    for (let i = 0; i < count; i++) {
      const signatureAt = at + 2 + record.readUInt16LE(at);
      this.#offsets.set(record.toString('latin1', at + 2, signatureAt) as ByteName, signatureAt);
      const identityAt = signatureAt + SIGNATURE_BYTES + 16;
      const encodedAt = identityAt + 1 + (record[identityAt] as number) + 4;
      at = encodedAt + record.readUInt32LE(encodedAt - 4);
    }
  }

  get size(): number {
    return this.#offsets.size;
  }

  has(name: ByteName): boolean {
    return this.#offsets.has(name);
  }

  /** The entry of that name if it has this signature. */
  find(name: ByteName, signature: Buffer): CachedEntry | undefined {
    const at = this.#offsets.get(name);
    if (at === undefined || signature.compare(this.record, at, at + SIGNATURE_BYTES) !== 0) return undefined;
    const { record } = this;
    const identityAt = at + SIGNATURE_BYTES + 16;
    const identityBytes = record[identityAt] as number;
    const encodedAt = identityAt + 1 + identityBytes + 4;
    return {
      signature: record.subarray(at, at + SIGNATURE_BYTES),
      files: record.readDoubleLE(at + SIGNATURE_BYTES),
      bytes: record.readDoubleLE(at + SIGNATURE_BYTES + 8),
      identity: identityBytes === 0 ? undefined : record.subarray(identityAt + 1, identityAt + 1 + identityBytes),
      encoded: record.subarray(encodedAt, encodedAt + record.readUInt32LE(encodedAt - 4)),
    };
  }
}

/** Encodes a record into a fresh buffer. */
export function encodeCachedDirectory(name: ByteName, written: WrittenDirectory, items: readonly CacheItem[]): Buffer {
  const { digest, size } = written.content;
  let length = 29 + digest.length + 2 + name.length + 4;
  for (const item of items) length += FIXED_BYTES + item.name.length + (item.identity?.length ?? 0) + item.encoded.length;
  const record = Buffer.allocUnsafe(length);
  record.writeUInt32LE(length, 0);
  record.writeUInt32LE(size, 8);
  record.writeDoubleLE(written.summary.files, 12);
  record.writeDoubleLE(written.summary.bytes, 20);
  record.writeUInt8(digest.length, 28);
  record.set(digest, 29);
  let at = 29 + digest.length;
  at = writeName(record, at, name);
  at = record.writeUInt32LE(items.length, at);
  for (const item of items) {
    at = writeName(record, at, item.name);
    record.set(item.signature, at);
    at = record.writeDoubleLE(item.files, at + SIGNATURE_BYTES);
    at = record.writeDoubleLE(item.bytes, at);
    at = record.writeUInt8(item.identity?.length ?? 0, at);
    if (item.identity !== undefined) {
      record.set(item.identity, at);
      at += item.identity.length;
    }
    at = record.writeUInt32LE(item.encoded.length, at);
    record.set(item.encoded, at);
    at += item.encoded.length;
  }
  record.writeUInt32LE(crc32(record.subarray(HEAD_BYTES)), 4);
  return record;
}

function writeName(record: Buffer, at: number, name: ByteName): number {
  record.writeUInt16LE(name.length, at);
  return at + 2 + record.write(name, at + 2, 'latin1');
}
