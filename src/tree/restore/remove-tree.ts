import { VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import { openUsable } from './open-usable.ts';

/** Directories on the way down that are kept open; those above are come back to through `..`. */
const OPEN_LEVELS = 128;
const SELF = '.' as ByteName;

export interface RemovalOptions {
  /** Only count. */
  readonly dryRun: boolean;
  /** Whether an entry, by its path from the one that is removed and as what it is met, stays; then so do the directories above it. Nothing does when left out. */
  readonly spares?: (path: string, stat: Stat) => boolean;
}

/** A directory on the way from the one that is removed to where the removal is. */
interface Level {
  readonly name: ByteName;
  readonly path: string;
  readonly pending: ByteName[];
  readonly stat: Stat;
  handle: Directory | undefined;
  isKept: boolean;
}

/**
 * Removes an entry and everything below it, however deep, never following a symbolic link, and nothing of what is mounted on a directory: that ends the removal. Returns how many entries went. A directory that is moved away
 * meanwhile ends the removal with an error: its `..` leads to where nothing is to be removed.
 */
export function removeTree(directory: Directory, name: ByteName, { dryRun, spares }: RemovalOptions): number {
  const stat = new Stat();
  const levels: Level[] = [];
  let removed = 0;
  const visit = (parent: Directory, entry: ByteName, path: string): 'removed' | 'kept' | 'entered' => {
    if (!parent.stat(entry, stat)) return 'removed';
    const isDirectory = stat.kind === 'directory';
    if (path !== '' && spares?.(path, stat)) return 'kept';
    if (isDirectory) {
      if (stat.isMountRoot) throw mountedAt(path === '' ? name : `${name}/${path}`);
      levels.push(enter(parent, entry, path, dryRun));
      return 'entered';
    }
    if (!dryRun) parent.remove(entry);
    removed++;
    return 'removed';
  };
  try {
    visit(directory, name, '');
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const entry = level.pending.pop();
      if (entry !== undefined) {
        const outcome = visit(level.handle as Directory, entry, level.path === '' ? entry : `${level.path}/${entry}`);
        if (outcome === 'kept') level.isKept = true;
        if (outcome === 'entered') closeFar(levels);
        continue;
      }
      levels.pop();
      const above = levels.at(-1);
      if (above !== undefined) above.handle ??= reopen(level, above);
      level.handle?.close();
      if (level.isKept) {
        if (above !== undefined) above.isKept = true;
        continue;
      }
      if (!dryRun) (above?.handle ?? directory).removeDirectory(level.name);
      removed++;
    }
  } finally {
    for (const { handle } of levels) handle?.close();
  }
  return removed;
}

/** What is mounted somewhere is no part of the tree below. */
export function mountedAt(path: string): VarveError {
  return new VarveError('MOUNTED', `a file system is mounted on ${showName(path as ByteName)}: nothing of it is removed`, {
    advice: 'Unmount it, or leave it out with --exclude.',
  });
}

function enter(parent: Directory, name: ByteName, path: string, dryRun: boolean): Level {
  const handle = dryRun ? parent.openDirectory(name) : openUsable(parent, name).directory;
  try {
    const stat = new Stat();
    handle.stat(SELF, stat);
    return { name, path, pending: handle.entries().names, stat, handle, isKept: false };
  } catch (error) {
    handle.close();
    throw error;
  }
}

function closeFar(levels: readonly Level[]): void {
  const far = levels[levels.length - 1 - OPEN_LEVELS];
  far?.handle?.close();
  if (far !== undefined) far.handle = undefined;
}

/** The directory above one that is open, if it is still the one that the way down led through. */
function reopen(level: Level, above: Level): Directory {
  const directory = (level.handle as Directory).openParent();
  const now = new Stat();
  if (directory.stat(SELF, now) && now.sameFile(above.stat)) return directory;
  directory.close();
  throw new VarveError('MOVED', 'a directory was moved while it was removed');
}
