import { execFileSync } from 'node:child_process';
import { Stat } from '../../src/sys/stat.ts';
import { type Aspect, compareEntries } from './compare/entries.ts';
import { LinkGroups } from './compare/link-groups.ts';
import { PairedWalk } from './compare/paired-walk.ts';

type Report = (aspect: Difference['aspect'], a: string, b: string) => void;

/** One thing in which two trees are not the same. `path` is legible and relative; `a` and `b` are what was found, as text. */
export interface Difference {
  readonly path: string;
  readonly aspect: Aspect | 'name' | 'links';
  readonly a: string;
  readonly b: string;
}

export interface CompareOptions {
  /** What may differ. */
  readonly ignore?: readonly Difference['aspect'][];
  /** Stop after this many differences; 1000 when left out. */
  readonly limit?: number;
}

/**
 * Compares two trees by a walk of both: names, kinds, modes, owners, modification times to the nanosecond (of links and directories too), sizes,
 * content, link targets, device numbers, extended attributes with ACLs, which names are links of one file, and where the holes are, to the
 * block of the file system. Of any depth. It shares nothing with what it is used to judge but the system calls. Returns nothing for equal trees.
 */
export function compareTrees(a: string, b: string, { ignore = [], limit = 1000 }: CompareOptions = {}): Difference[] {
  const differences: Difference[] = [];
  const report = (path: string, aspect: Difference['aspect'], ofA: string, ofB: string) => {
    if (!ignore.includes(aspect)) differences.push({ path, aspect, a: ofA, b: ofB });
  };
  const links = new LinkGroups();
  const [left, right] = [new Stat(), new Stat()];
  using walk = new PairedWalk(a, b);
  for (const name of walk.names()) {
    const here: Report = (aspect, ofA, ofB) => report(walk.pathOf(name), aspect, ofA, ofB);
    const [isInA, isInB] = [walk.a.stat(name, left), walk.b.stat(name, right)];
    if (isInA && isInB) {
      compareEntries({ a: walk.a, b: walk.b, name, left, right }, here);
      links.add(left, right, walk.pathOf(name), here);
      if (left.kind === 'directory' && right.kind === 'directory') walk.enter(name);
    } else {
      here('name', isInA ? 'present' : 'missing', isInB ? 'present' : 'missing');
    }
    if (differences.length >= limit) break;
  }
  return differences.slice(0, limit);
}

/**
 * What rsync, in a dry run with every content compared, would do to make `b` like `a`: nothing for equal trees. It cannot read paths longer than
 * PATH_MAX, does not look at holes, and compares times to the second.
 */
export function rsyncDifferences(a: string, b: string): string[] {
  const options = ['-aHAX', '--checksum', '--dry-run', '--itemize-changes', '--delete'];
  const output = execFileSync('rsync', [...options, `${a}/`, `${b}/`], {
    env: { ...process.env, LC_ALL: 'C' },
    encoding: 'latin1',
    maxBuffer: 2 ** 28,
  });
  return output.split('\n').filter((line) => line !== '');
}
