import type { ByteName } from '../../base/names.ts';
import { type Mount, readMounts, tellsOfChanges } from '../../sys/mounts.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { isBelow, joined } from '../look/paths.ts';

/** What has changed in the table of mounts. */
export interface MountChanges {
  /** Where something was mounted or unmounted. */
  readonly points: readonly ByteName[];
  /** What was another view of something, and is the only one by now. */
  readonly alone: readonly ByteName[];
  /** Where the same was unmounted and mounted again, so that the table looks as before. */
  readonly again: readonly ByteName[];
}

interface KnownMount extends Mount {
  /** A number that no other mount ever gets; undefined where that is not known. */
  readonly unique: bigint | undefined;
}

/**
 * What is mounted inside of roots. A directory that is mounted a second time, there or elsewhere in a root, is shown in both places and entered in one: in its own, when it is mounted
 * from there (a bind mount); of a file system that is mounted twice, where that was done first. So nothing counts twice, and a directory above that is mounted
 * below leads nowhere.
 */
export class Mounts {
  readonly #roots: () => readonly ByteName[];
  #known: readonly KnownMount[];
  readonly #others = new Set<ByteName>();

  constructor(roots: () => readonly ByteName[]) {
    this.#roots = roots;
    this.#known = this.#read();
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
    this.#known = this.#read();
    const points = [...without(before, this.#known), ...without(this.#known, before)].map(({ path }) => path);
    const alone = points.length === 0 ? [] : [...this.#others].filter((point) => !this.#isOtherView(point, this.#known));
    for (const point of alone) this.#others.delete(point);
    return { points: [...new Set(points)], alone, again: mountedAgain(before, this.#known) };
  }

  /** To be called when the roots have become others: their mounts are told apart from now on from the same ones mounted again. */
  rootsChanged(): void {
    this.#known = this.#known.map((mount) => ({ ...mount, unique: mount.unique ?? this.#uniqueOf(mount) }));
  }

  #read(): KnownMount[] {
    return (readMounts() ?? []).map((mount) => ({ ...mount, unique: this.#uniqueOf(mount) }));
  }

  #uniqueOf({ path, type }: Mount): bigint | undefined {
    const concerns = this.#roots().some((root) => isBelow(path, root) || isBelow(root, path));
    // Who asks a server waits for it.
    return concerns && tellsOfChanges(type) ? uniqueAt(path) : undefined;
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

function uniqueAt(point: ByteName): bigint | undefined {
  try {
    using directory = system().openDirectory(point);
    return directory.stat(SELF, stat) ? stat.mount : undefined;
  } catch {
    return undefined;
  }
}

function mountedAgain(before: readonly KnownMount[], now: readonly KnownMount[]): ByteName[] {
  const known = new Map(before.map((mount) => [shown(mount), mount.unique]));
  return now.flatMap((mount) => {
    const unique = known.get(shown(mount));
    return unique !== undefined && mount.unique !== undefined && unique !== mount.unique ? [mount.path] : [];
  });
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
