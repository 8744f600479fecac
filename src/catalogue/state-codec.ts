import { FormatError } from '../base/errors.ts';
import { kindOfType, typeOfKind } from '../sys/stat.ts';
import type { NodeState } from './types.ts';

/** Length of a state without its digest. */
const FIXED_BYTES = 70;

/** A state as events keep it (docs/formats.md, "The catalogue"): little-endian fields, then the digest. */
export function encodeState(state: NodeState): Buffer {
  const digest = state.digest;
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + (digest?.length ?? 0));
  bytes.writeUInt16LE((typeOfKind(state.kind) << 12) | state.mode, 0);
  bytes.writeUInt32LE(state.links, 2);
  bytes.writeUInt32LE(state.uid, 6);
  bytes.writeUInt32LE(state.gid, 10);
  bytes.writeDoubleLE(state.device, 14);
  bytes.writeBigUInt64LE(state.inode, 22);
  bytes.writeDoubleLE(state.size, 30);
  bytes.writeDoubleLE(state.disk, 38);
  bytes.writeBigInt64LE(state.mtime, 46);
  bytes.writeBigInt64LE(state.ctime, 54);
  bytes.writeBigInt64LE(state.born, 62);
  if (digest !== undefined) bytes.set(digest, FIXED_BYTES);
  return bytes;
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
