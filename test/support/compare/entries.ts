import type { ByteName } from '../../../src/base/names.ts';
import { showName } from '../../../src/base/names.ts';
import type { Stat } from '../../../src/sys/stat.ts';
import { system } from '../../../src/sys/system.ts';
import type { Directory, Time } from '../../../src/sys/types.ts';
import { compareContents, compareHoles } from './contents.ts';

export type Aspect = 'kind' | 'mode' | 'owner' | 'mtime' | 'size' | 'content' | 'holes' | 'target' | 'device' | 'xattrs';
export type Report = (aspect: Aspect, a: string, b: string) => void;

/** One name in both trees, and what is known of each; the stats are filled. */
export interface EntryPair {
  readonly a: Directory;
  readonly b: Directory;
  readonly name: ByteName;
  readonly left: Stat;
  readonly right: Stat;
}

/** Reports everything in which the two entries differ, but what is in directories. */
export function compareEntries(pair: EntryPair, report: Report): void {
  const { a, b, name, left, right } = pair;
  if (left.kind !== right.kind) {
    report('kind', String(left.kind), String(right.kind));
    return;
  }
  const compare = (aspect: Aspect, ofA: string, ofB: string) => {
    if (ofA !== ofB) report(aspect, ofA, ofB);
  };
  compare('mode', left.mode.toString(8), right.mode.toString(8));
  compare('owner', `${left.uid}:${left.gid}`, `${right.uid}:${right.gid}`);
  compare('mtime', showTime(left.mtime), showTime(right.mtime));
  compare('xattrs', xattrs(a, name), xattrs(b, name));
  if (left.kind === 'symlink') compare('target', showName(a.readLink(name)), showName(b.readLink(name)));
  if (left.kind === 'character' || left.kind === 'block') compare('device', device(left), device(right));
  if (left.kind === 'file') {
    compare('size', String(left.size), String(right.size));
    if (left.size === right.size) compareFiles(pair, report);
  }
}

function compareFiles({ a, b, name, left, right }: EntryPair, report: Report): void {
  const sys = system();
  let fdA: number | undefined;
  let fdB: number | undefined;
  try {
    fdA = a.openFile(name, 'read');
    fdB = b.openFile(name, 'read');
    // Before reading, which can fill unwritten space with pages that count as data.
    compareHoles(fdA, fdB, left.size, Math.max(left.blockSize, right.blockSize), (ofA, ofB) => report('holes', ofA, ofB));
    compareContents(fdA, fdB, left.size, (ofA, ofB) => report('content', ofA, ofB));
  } catch (error) {
    // What cannot be read cannot be called equal.
    report('content', fdA === undefined ? String(error) : 'open', String(error));
  } finally {
    if (fdA !== undefined) sys.closeFile(fdA);
    if (fdB !== undefined) sys.closeFile(fdB);
  }
}

function xattrs(directory: Directory, name: ByteName): string {
  const shown = directory.listXattrs(name).map((each) => `${showName(each)}=${directory.getXattr(name, each)?.toString('hex')}`);
  return shown.join(', ');
}

function device(stat: Stat): string {
  return `${stat.deviceMajor}:${stat.deviceMinor}`;
}

function showTime({ seconds, nanoseconds }: Time): string {
  return `${seconds} s + ${nanoseconds} ns`;
}
