import type { PackedReader } from '../../sys/packed-entries.ts';
import { kindOfType, type Stat, type Time } from '../../sys/stat.ts';
import type { NodeState } from '../types.ts';

/** What a fresh stat says; undefined for kinds that the catalogue does not know. */
export function stateOfStat(stat: Stat): NodeState | undefined {
  const { kind, size, blocks, mode, uid, gid, dev, ino, nlink, btime } = stat;
  if (kind === undefined) return undefined;
  const times = {
    mtime: inNanoseconds(stat.mtime),
    ctime: inNanoseconds(stat.ctime),
    born: btime === undefined ? 0n : inNanoseconds(btime),
  };
  return { kind, size, disk: blocks, ...times, mode, uid, gid, device: dev, inode: ino, links: nlink, digest: undefined };
}

/** The same of a packed record. */
export function stateOfRecord(record: PackedReader): NodeState | undefined {
  const { type, size, blocks, mtime, ctime, born, mode, uid, gid, device, inode, links } = record;
  const kind = kindOfType(type);
  if (kind === undefined) return undefined;
  return { kind, size, disk: blocks, mtime, ctime, born, mode, uid, gid, device, inode, links, digest: undefined };
}

/** Beyond 64 bits (the year 2262) a time stays at the bound. */
function inNanoseconds({ seconds, nanoseconds }: Time): bigint {
  return BigInt.asIntN(64, clamp(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)));
}

const GREATEST = 2n ** 63n - 1n;
function clamp(time: bigint): bigint {
  if (time > GREATEST) return GREATEST;
  return time < -GREATEST - 1n ? -GREATEST - 1n : time;
}
