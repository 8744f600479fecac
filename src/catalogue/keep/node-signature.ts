import { typeOfKind } from '../../sys/stat.ts';
import type { NodeState } from '../types.ts';

const NS_PER_SECOND = 1_000_000_000n;
const HIGH = 0x1_0000_0000;

/** Writes the signature (`Stat.signature`) of a file whose stat is that of a node into SIGNATURE_BYTES bytes. */
export function writeSignature(state: NodeState, bytes: Buffer): void {
  bytes.writeUInt32LE(state.links, 0);
  bytes.writeUInt32LE(state.uid, 4);
  bytes.writeUInt32LE(state.gid, 8);
  bytes.writeUInt16LE((typeOfKind(state.kind) << 12) | state.mode, 12);
  bytes.writeBigUInt64LE(state.inode, 16);
  bytes.writeBigUInt64LE(BigInt(state.size), 24);
  writeTime(bytes, state.ctime, 32);
  writeTime(bytes, state.mtime, 48);
  bytes.writeUInt32LE(Math.floor(state.device / HIGH), 64);
  bytes.writeUInt32LE(state.device % HIGH, 68);
}

function writeTime(bytes: Buffer, time: bigint, at: number): void {
  const nanoseconds = ((time % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  bytes.writeBigInt64LE((time - nanoseconds) / NS_PER_SECOND, at);
  bytes.writeUInt32LE(Number(nanoseconds), at + 8);
}
