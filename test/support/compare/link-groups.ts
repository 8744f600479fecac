import type { Stat } from '../../../src/sys/stat.ts';

/** Pairs up the files of two trees that have several names: the names of one file must be those of one file in the other tree. */
export class LinkGroups {
  readonly #ofA = new Map<string, Group>();
  readonly #ofB = new Map<string, Group>();

  /** Notes that `path` leads to these two files, and reports when either is known by another partner. */
  add(left: Stat, right: Stat, path: string, report: (aspect: 'links', a: string, b: string) => void): void {
    if (left.kind === 'directory' || (left.nlink === 1 && right.nlink === 1)) return;
    const [keyA, keyB] = [keyOf(left), keyOf(right)];
    const groupA = remember(this.#ofA, keyA, { partner: keyB, path });
    const groupB = remember(this.#ofB, keyB, { partner: keyA, path });
    if (groupA.partner !== keyB || groupB.partner !== keyA) report('links', `the file of ${groupA.path}`, `the file of ${groupB.path}`);
  }
}

interface Group {
  readonly partner: string;
  readonly path: string;
}

function keyOf(stat: Stat): string {
  return `${stat.dev}:${stat.ino}`;
}

function remember(groups: Map<string, Group>, key: string, fresh: Group): Group {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, fresh);
  return known ?? fresh;
}
