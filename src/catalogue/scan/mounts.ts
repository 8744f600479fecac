import type { ByteName } from '../../base/names.ts';
import { type Mount, readMounts } from '../../sys/mounts.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { isBelow, joined } from '../look/paths.ts';

/** What has changed in the table of mounts. */
export interface MountChanges {
  /** Where something was mounted or unmounted. */
  readonly points: readonly ByteName[];
  /** What was another view of something, and is the only one by now. */
  readonly alone: readonly ByteName[];
}

/**
 * What is mounted inside of roots. A directory that is mounted a second time, there or elsewhere in a root, is shown in both places and entered in one: in its own, when it is mounted
 * from there (a bind mount); of a file system that is mounted twice, where that was done first. So nothing counts twice, and a directory above that is mounted
 * below leads nowhere.
 */
export class Mounts {
  readonly #roots: () => readonly ByteName[];
  #known = readMounts() ?? [];
  readonly #others = new Set<ByteName>();

  constructor(roots: () => readonly ByteName[]) {
    this.#roots = roots;
  }

  /** Whether what is mounted at a path is not to be entered there, since it is or contains what can be reached on another way. */
  isOtherView(point: ByteName): boolean {
    const mounts = readMounts() ?? [];
    const is = this.#isOtherView(point, mounts);
    if (is) this.#others.add(point);
    else this.#others.delete(point);
    return is;
  }

  /** What has changed since this was asked last. */
  changes(): MountChanges {
    const before = this.#known;
    this.#known = readMounts() ?? [];
    const points = [...without(before, this.#known), ...without(this.#known, before)].map(({ path }) => path);
    const alone = points.length === 0 ? [] : [...this.#others].filter((point) => !this.#isOtherView(point, this.#known));
    for (const point of alone) this.#others.delete(point);
    return { points: [...new Set(points)], alone };
  }

  #isOtherView(point: ByteName, mounts: readonly Mount[]): boolean {
    const at = mounts.findLastIndex((mount) => mount.path === point);
    const mount = mounts[at];
    if (mount === undefined) return false;
    return mounts.some((other, otherAt) => {
      if (other.device !== mount.device || !isBelow(mount.top, other.top)) return false;
      // Of two that show the same, the older is the one that is entered.
      if (other.top === mount.top && otherAt >= at) return false;
      const source = pathIn(other, mount.top);
      if (!this.#roots().some((root) => isBelow(source, root) || isBelow(root, source))) return false;
      return isSameDirectory(source, point) && !this.#isOtherView(other.path, mounts);
    });
  }
}

/** Where a mount shows what is at `top` in its file system. */
function pathIn({ top, path: point }: Mount, path: ByteName): ByteName {
  const rest = (top === '/' ? path : path.slice(top.length)).slice(1) as ByteName;
  return rest === '' ? point : joined(point, rest);
}

function isSameDirectory(a: ByteName, b: ByteName): boolean {
  try {
    using first = system().openDirectory(a);
    using second = system().openDirectory(b);
    return first.stat(SELF, stat) && second.stat(SELF, otherStat) && stat.sameFile(otherStat);
  } catch {
    return false;
  }
}

function without(mounts: readonly Mount[], others: readonly Mount[]): Mount[] {
  const known = new Set(others.map(shown));
  return mounts.filter((mount) => !known.has(shown(mount)));
}

function shown({ id, device, top, path }: Mount): string {
  return `${id} ${device} ${top} ${path}`;
}

const SELF = '.' as ByteName;
const stat = new Stat();
const otherStat = new Stat();
