import zlib, { crc32 } from 'node:zlib';
import { FormatError } from '../../base/errors.ts';
import { giveBack } from '../../base/give-back.ts';
import type { Codec, RecordHeader } from './record.ts';

/** A payload as it will stand in the segment. */
export interface EncodedPayload {
  readonly codec: Codec;
  readonly bytes: Uint8Array;
}

const MIN_OUTPUT_BYTES = 16 * 1024;
const SAMPLES = 4096;
/** Bits a byte above which sampled data counts as random. 4096 samples of uniform bytes show 7.95 ± 0.01. */
const RANDOM_BITS = 7.9;
/** A contiguous probe that must shrink by 5 % before data that looks random is compressed after all. */
const PROBE_BYTES = 32 * 1024;
const counts = new Uint32Array(256);

/**
 * Compresses the raw payload of a record with zstd when that pays. Data that looks random by its byte histogram is only probed; the
 * result is `raw` itself (no copy) when it is stored as it is.
 */
export function encodePayload(raw: Uint8Array, level: number): EncodedPayload {
  if (raw.length < 32 || (looksRandom(raw) && !probeShrinks(raw))) return { codec: 'raw', bytes: raw };
  const compressed = zstd(raw, level);
  return compressed.length < raw.length ? { codec: 'zstd', bytes: compressed } : { codec: 'raw', bytes: raw };
}

/** Gives the memory of an encoded payload back, which must not be used any more. */
export function releasePayload(payload: EncodedPayload): void {
  if (payload.codec !== 'raw') giveBack(payload.bytes);
}

/** The raw payload of a record whose stored payload is `stored`; checks checksum and length. May return `stored` itself. */
export function decodePayload(header: RecordHeader, stored: Uint8Array): Uint8Array {
  if (stored.length !== header.storedBytes || crc32(stored) !== header.payloadCrc)
    throw new FormatError('record payload', 'checksum differs');
  let raw: Uint8Array;
  if (header.codec === 'raw') {
    raw = stored;
  } else {
    try {
      // A little more than needed, or Node would allocate as much again to find out that nothing follows.
      const chunkSize = header.rawBytes + 64;
      raw = zlib.zstdDecompressSync(stored, { maxOutputLength: Math.max(1, header.rawBytes), chunkSize });
    } catch (cause) {
      throw new FormatError('record payload', `cannot be decompressed: ${(cause as Error).message}`);
    }
  }
  if (raw.length !== header.rawBytes) throw new FormatError('record payload', 'has another length than its header says');
  return raw;
}

function zstd(raw: Uint8Array, level: number): Uint8Array {
  return zlib.zstdCompressSync(raw, {
    params: { [zlib.constants.ZSTD_c_compressionLevel]: level },
    // One output buffer that always suffices (ZSTD_COMPRESSBOUND): no growing, no joining, and one piece of memory to give back.
    chunkSize: Math.max(MIN_OUTPUT_BYTES, raw.length + (raw.length >>> 8) + 1024),
    pledgedSrcSize: raw.length,
  });
}

function looksRandom(raw: Uint8Array): boolean {
  counts.fill(0);
  const step = Math.max(1, Math.floor(raw.length / SAMPLES));
  let samples = 0;
  for (let at = 0; at < raw.length && samples < SAMPLES; at += step) {
    counts[raw[at] as number] = (counts[raw[at] as number] as number) + 1;
    samples++;
  }
  if (samples < SAMPLES) return false;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / samples) * Math.log2(count / samples);
  return bits > RANDOM_BITS;
}

function probeShrinks(raw: Uint8Array): boolean {
  const from = Math.max(0, (raw.length - PROBE_BYTES) >>> 1);
  const probe = raw.subarray(from, from + PROBE_BYTES);
  return zstd(probe, 1).length < probe.length * 0.95;
}
