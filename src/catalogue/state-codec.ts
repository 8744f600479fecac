import { FormatError } from '../base/errors.ts';
import type { PackedReader } from '../sys/packed-entries.ts';
import { kindOfType, typeOfKind } from '../sys/stat.ts';
import type { NodeState } from './types.ts';

/** Length of a state without its digest. */
export const FIXED_BYTES = 70;

type StateFields = Omit<NodeState, 'kind' | 'disk' | 'digest'>;
/** What a state and a listed record call alike, and a number holds. */
type NarrowFields = Omit<StateFields, 'inode' | 'mtime' | 'ctime' | 'born'>;

const fixed = new DataView(new ArrayBuffer(FIXED_BYTES));
const fixedBytes = new Uint8Array(fixed.buffer);

/** A state as events keep it (docs/formats.md, "The catalogue"): little-endian fields, then the digest. */
export function encodeState(state: NodeState): Buffer {
  const digest = state.digest;
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + (digest?.length ?? 0));
  writeState(fixed, typeOfKind(state.kind), state.disk, state);
  bytes.set(fixedBytes, 0);
  if (digest !== undefined) bytes.set(digest, FIXED_BYTES);
  return bytes;
}

/** Writes FIXED_BYTES: a state without its digest. */
export function writeState(into: DataView, type: number, disk: number, fields: StateFields): void {
  writeNarrow(into, type, disk, fields);
  into.setBigUint64(INODE, fields.inode, true);
  into.setBigInt64(MTIME, fields.mtime, true);
  into.setBigInt64(CTIME, fields.ctime, true);
  into.setBigInt64(BORN, fields.born, true);
}

/** The same of the record at which `record` stands. */
export function writeRecord(into: DataView, record: PackedReader): void {
  writeNarrow(into, record.type, record.blocks, record);
  record.writeWide(into, INODE, MTIME, CTIME, BORN);
}

const INODE = 22;
const MTIME = 46;
const CTIME = 54;
const BORN = 62;

function writeNarrow(into: DataView, type: number, disk: number, { mode, links, uid, gid, device, size }: NarrowFields): void {
  into.setUint16(0, (type << 12) | mode, true);
  into.setUint32(2, links, true);
  into.setUint32(6, uid, true);
  into.setUint32(10, gid, true);
  into.setFloat64(14, device, true);
  into.setFloat64(30, size, true);
  into.setFloat64(38, disk, true);
}

/** What of a state counts in sums. */
export type StateWeight = Pick<NodeState, 'kind' | 'size' | 'disk'>;

/** That alone, at a fraction of the cost. Throws FormatError. */
export function weighState(from: Uint8Array): StateWeight {
  if (from.length < FIXED_BYTES) throw new FormatError('state of an event', 'too short', from.length);
  const bytes = new DataView(from.buffer, from.byteOffset, FIXED_BYTES);
  const type = bytes.getUint16(0, true) >> 12;
  const kind = kindOfType(type);
  if (kind === undefined) throw new FormatError('state of an event', `no kind ${type}`, 0);
  return { kind, size: bytes.getFloat64(30, true), disk: bytes.getFloat64(38, true) };
}

/** Throws FormatError. */
export function decodeState(from: Uint8Array): NodeState {
  if (from.length < FIXED_BYTES) throw new FormatError('state of an event', 'too short', from.length);
  const bytes = Buffer.from(from.buffer, from.byteOffset, from.length);
  const mode = bytes.readUInt16LE(0);
  const kind = kindOfType(mode >> 12);
  if (kind === undefined) throw new FormatError('state of an event', `no kind ${mode >> 12}`, 0);
  return {
    kind,
    mode: mode & 0o7777,
    links: bytes.readUInt32LE(2),
    uid: bytes.readUInt32LE(6),
    gid: bytes.readUInt32LE(10),
    device: bytes.readDoubleLE(14),
    inode: bytes.readBigUInt64LE(INODE),
    size: bytes.readDoubleLE(30),
    disk: bytes.readDoubleLE(38),
    mtime: bytes.readBigInt64LE(MTIME),
    ctime: bytes.readBigInt64LE(CTIME),
    born: bytes.readBigInt64LE(BORN),
    digest: bytes.length > FIXED_BYTES ? new Uint8Array(bytes.subarray(FIXED_BYTES)) : undefined,
  };
}
