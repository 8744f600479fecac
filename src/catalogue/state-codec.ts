import { FormatError } from '../base/errors.ts';
import { kindOfType, typeOfKind } from '../sys/stat.ts';
import type { NodeState } from './types.ts';

/** Length of a state without its digest. */
export const FIXED_BYTES = 70;

/** What a state and a listed record call alike. */
type StateFields = Omit<NodeState, 'kind' | 'disk' | 'digest'>;

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
  into.setUint16(0, (type << 12) | fields.mode, true);
  into.setUint32(2, fields.links, true);
  into.setUint32(6, fields.uid, true);
  into.setUint32(10, fields.gid, true);
  into.setFloat64(14, fields.device, true);
  into.setBigUint64(22, fields.inode, true);
  into.setFloat64(30, fields.size, true);
  into.setFloat64(38, disk, true);
  into.setBigInt64(46, fields.mtime, true);
  into.setBigInt64(54, fields.ctime, true);
  into.setBigInt64(62, fields.born, true);
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
    inode: bytes.readBigUInt64LE(22),
    size: bytes.readDoubleLE(30),
    disk: bytes.readDoubleLE(38),
    mtime: bytes.readBigInt64LE(46),
    ctime: bytes.readBigInt64LE(54),
    born: bytes.readBigInt64LE(62),
    digest: bytes.length > FIXED_BYTES ? new Uint8Array(bytes.subarray(FIXED_BYTES)) : undefined,
  };
}
