import type { PackedReader } from '../../sys/packed-entries.ts';
import { kindOfType, type Stat } from '../../sys/stat.ts';
import type { NodeState } from '../types.ts';

/** What a fresh stat says; undefined for kinds that the catalogue does not know. */
export function stateOfStat(stat: Stat): NodeState | undefined {
  const { kind, size, blocks, mtimeNs, ctimeNs, bornNs, mode, uid, gid, dev, ino, nlink } = stat;
  if (kind === undefined) return undefined;
  const times = { mtime: mtimeNs, ctime: ctimeNs, born: bornNs };
  return { kind, size, disk: blocks, ...times, mode, uid, gid, device: dev, inode: ino, links: nlink, digest: undefined };
}

/** The same of a packed record. */
export function stateOfRecord(record: PackedReader): NodeState | undefined {
  const { type, size, blocks, mtime, ctime, born, mode, uid, gid, device, inode, links } = record;
  const kind = kindOfType(type);
  if (kind === undefined) return undefined;
  return { kind, size, disk: blocks, mtime, ctime, born, mode, uid, gid, device, inode, links, digest: undefined };
}
