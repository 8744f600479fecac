import { CborReader } from '../base/cbor-reader.ts';
import { CborWriter } from '../base/cbor-writer.ts';
import { digestAlgorithm, MAX_DIGEST_BYTES } from '../hash/digest.ts';
import type { Digest } from '../hash/types.ts';
import { LITERAL_MAX_BYTES, MAX_DEPTH } from './limits.ts';
import type { Ref } from './types.ts';

/**
 * The binary form of refs, deterministic CBOR (docs/formats.md):
 *
 *     literal   bytes                    run     [2, size, byte]
 *     block     [0, size, digest]        hole    [3, size]
 *     tree      [1, size, digest, depth] slice   [4, size, offset, block or tree]
 */
const BLOCK = 0;
const TREE = 1;
const RUN = 2;
const HOLE = 3;
const SLICE = 4;

const ITEMS = [3, 4, 3, 2, 4] as const;
/** The major type of CBOR. */
const BYTE_STRING = 2;

/** Appends the binary form of `ref`. */
export function writeRef(writer: CborWriter, ref: Ref): void {
  switch (ref.kind) {
    case 'literal':
      return writer.bytes(ref.bytes);
    case 'block':
      writeHead(writer, BLOCK, ref.size);
      return writer.bytes(ref.digest);
    case 'tree':
      writeHead(writer, TREE, ref.size);
      writer.bytes(ref.digest);
      return writer.uint(ref.depth);
    case 'run':
      if (ref.hole) return writeHead(writer, HOLE, ref.size);
      writeHead(writer, RUN, ref.size);
      return writer.uint(ref.byte);
    case 'slice':
      writeHead(writer, SLICE, ref.size);
      writer.uint(ref.offset);
      return writeRef(writer, ref.of);
  }
}

function writeHead(writer: CborWriter, kind: number, size: number): void {
  writer.array(ITEMS[kind] as number);
  writer.uint(kind);
  writer.uint(size);
}

/** Reads a ref; digests and literals are views of the input. Throws FormatError for anything that `writeRef` would not have written. */
export function readRef(reader: CborReader): Ref {
  if (reader.major() !== BYTE_STRING) return readHeaded(reader, true);
  const bytes = reader.bytes(LITERAL_MAX_BYTES);
  return { kind: 'literal', bytes, size: bytes.length };
}

/** Reads a digest, as a view of the input. */
export function readDigest(reader: CborReader): Digest {
  const start = reader.at;
  const digest = reader.bytes(MAX_DIGEST_BYTES) as Digest;
  if (digestAlgorithm(digest).digestBytes !== digest.length) reader.fail('digest of the wrong length', start);
  return digest;
}

/** Reads a ref that stands alone. */
export function decodeRef(bytes: Uint8Array): Ref {
  const reader = new CborReader(bytes, 'ref');
  const ref = readRef(reader);
  reader.end();
  return ref;
}

/** Whether a ref that stands alone is a literal, which has its bytes in itself and needs no store. */
export function isLiteral(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) >> 5 === BYTE_STRING;
}

const alone = new CborWriter();

/** The binary form of a ref that stands alone. */
export function encodeRef(ref: Ref): Uint8Array {
  alone.clear();
  writeRef(alone, ref);
  return alone.copy();
}

/** Slices do not nest, which is what bounds the recursion here. */
function readHeaded(reader: CborReader, sliceAllowed: boolean): Ref {
  const start = reader.at;
  const items = reader.array(4);
  const kind = reader.uint();
  if (items !== ITEMS[kind] || (kind === SLICE && !sliceAllowed)) reader.fail('unknown kind of ref', start);
  const size = reader.uint();
  if (size === 0) reader.fail('empty, but not a literal', start);
  switch (kind) {
    case BLOCK:
      return { kind: 'block', digest: readDigest(reader), size };
    case TREE:
      return { kind: 'tree', digest: readDigest(reader), size, depth: readDepth(reader) };
    case RUN:
      return { kind: 'run', byte: readByte(reader), size, hole: false };
    case HOLE:
      return { kind: 'run', byte: 0, size, hole: true };
    default:
      return readSlice(reader, size);
  }
}

function readDepth(reader: CborReader): number {
  const depth = reader.uint();
  if (depth < 1 || depth > MAX_DEPTH) reader.fail(`depth ${depth}, where 1 to ${MAX_DEPTH} is allowed`);
  return depth;
}

function readByte(reader: CborReader): number {
  const byte = reader.uint();
  if (byte > 0xff) reader.fail(`run of ${byte}, which is not a byte`);
  return byte;
}

function readSlice(reader: CborReader, size: number): Ref {
  const start = reader.at;
  const offset = reader.uint();
  const of = readHeaded(reader, false);
  if (of.kind !== 'block' && of.kind !== 'tree') return reader.fail('slice of what is neither a block nor a tree', start);
  if (offset + size > of.size) reader.fail('slice beyond the end of its ref', start);
  if (size === of.size) reader.fail('slice of everything', start);
  return { kind: 'slice', of, offset, size };
}
