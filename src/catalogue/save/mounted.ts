import { lstatSync } from 'node:fs';
import { type ByteName, nameToBytes, showName } from '../../base/names.ts';
import { type Mount, tellsOfChanges } from '../../sys/mounts.ts';
import { pathBelow } from '../questions/places.ts';
import type { Doubt } from './types.ts';

/**
 * Mount points below a source that a save of one file system goes to and not into, sorted. What else is mounted there leaves a doubt, unless `isLeftOut`: no event tells that something
 * is mounted or unmounted, and other mounts may show the same files again. So does a file system of whose changes the kernel is not told. Mounts as `readMounts` lists them.
 */
export function mountsIn(
  source: ByteName,
  mounts: readonly Mount[] | undefined,
  options: { readonly oneFileSystem: boolean; readonly isLeftOut: (path: ByteName) => boolean },
): readonly ByteName[] | Doubt {
  if (mounts === undefined) return { doubt: 'this system does not tell what is mounted in it' };
  const own = mounts.filter(({ path }) => pathBelow(path, source) !== undefined).reduce(inner, undefined);
  if (own === undefined || !tellsOfChanges(own.type))
    return { doubt: `the kernel is not told of every change on ${own?.type ?? 'its file system'}` };
  const found = new Set<ByteName>();
  for (const { path } of mounts) {
    const below = pathBelow(source, path);
    if (below === undefined || below === '' || options.isLeftOut(below)) continue;
    if (!options.oneFileSystem || !isOnOtherDevice(path, source)) return { doubt: `something is mounted in it, at ${showName(path)}` };
    found.add(below);
  }
  return [...found].sort();
}

/** The longer path, and of equal ones the later, covers the other. */
function inner(best: Mount | undefined, mount: Mount): Mount {
  return best === undefined || mount.path.length >= best.path.length ? mount : best;
}

function isOnOtherDevice(path: ByteName, source: ByteName): boolean {
  try {
    return lstatSync(nameToBytes(path)).dev !== lstatSync(nameToBytes(source)).dev;
  } catch (error) {
    // One that cannot be reached is none that is known to be another.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return false;
  }
}
