import { type BigIntStats, fstatSync, lstatSync } from 'node:fs';
import type { ByteName } from '../../base/names.ts';
import type { Stat } from '../stat.ts';
import { toNode } from './path.ts';

/** Fills `into`, in the layout that `Stat` reads, from the entry itself; false when there is none. */
export function statPath(path: ByteName, into: Stat): boolean {
  const found = lstatSync(toNode(path), { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return false;
  fill(found, into);
  return true;
}

export function statDescriptor(fd: number, into: Stat): void {
  fill(fstatSync(fd, { bigint: true }), into);
}

/** STATX_BASIC_STATS | STATX_BTIME of statx(2). */
const FILLED = 0xfff;

function fill(from: BigIntStats, into: Stat): void {
  const { buffer } = into.bytes;
  const view = new DataView(buffer);
  into.bytes.fill(0);
  view.setUint32(0, FILLED, true);
  view.setUint32(4, Number(from.blksize), true);
  view.setUint32(16, Number(from.nlink), true);
  view.setUint32(20, Number(from.uid), true);
  view.setUint32(24, Number(from.gid), true);
  view.setUint16(28, Number(from.mode), true);
  view.setBigUint64(32, from.ino, true);
  view.setBigUint64(40, from.size, true);
  view.setBigUint64(48, from.blocks, true);
  setTime(view, 64, from.atimeNs);
  setTime(view, 80, from.birthtimeNs);
  setTime(view, 96, from.ctimeNs);
  setTime(view, 112, from.mtimeNs);
  setDevice(view, 128, from.rdev);
  setDevice(view, 136, from.dev);
}

function setTime(view: DataView, at: number, nanoseconds: bigint): void {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  view.setBigInt64(at, (nanoseconds - rest) / 1_000_000_000n, true);
  view.setUint32(at + 8, Number(rest), true);
}

/** Splits a `dev_t` as its platform composed it: glibc's gnu_dev_makedev, Darwin's makedev; elsewhere the upper and the lower half. */
function setDevice(view: DataView, at: number, device: bigint): void {
  let major = device >> 32n;
  let minor = device & 0xffffffffn;
  if (process.platform === 'linux') {
    major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
    minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  } else if (process.platform === 'darwin') {
    major = (device >> 24n) & 0xffn;
    minor = device & 0xffffffn;
  }
  view.setUint32(at, Number(major), true);
  view.setUint32(at + 4, Number(minor), true);
}
