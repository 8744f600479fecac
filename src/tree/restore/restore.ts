import { hasErrno, UsageError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import type { Store } from '../../store/types.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { DirectoryReader } from '../directory-reader.ts';
import type { Entry, RestoreOptions, RestoreReport } from '../types.ts';
import { openRestorePool } from './pool.ts';
import { RestoreTally } from './restore-tally.ts';
import { TreeRestore } from './restore-tree.ts';
import { Selection } from './selection.ts';
import { openTarget } from './target-directory.ts';

/** What is to be restored, and where to. The caller holds the store with the tree pinned. */
export interface RestoreRequest {
  readonly store: Store;
  /** A directory, whose content comes to stand in `target`; or any other entry, which becomes `target`, or stands in it under its name when that is a directory. */
  readonly root: Entry;
  readonly target: ByteName;
  readonly options?: RestoreOptions;
}

/**
 * Restores an entry and everything below it (T12): to a new place, or over what is there, writing only what differs.
 *
 * Files are completed under a temporary name and renamed: whatever happens, each path holds its complete old or its complete new content. What fails
 * is in the report, and the rest goes on; rejects when nothing could be restored at all, or the store fails.
 */
export async function restore({ store, root, target, options = {} }: RestoreRequest): Promise<RestoreReport> {
  const startedAt = performance.now();
  const tally = new RestoreTally(options, root.summary);
  const settings = { dryRun: options.dryRun === true, verify: options.verify === true };
  const pool = openRestorePool(store, options.threads, settings);
  // Files are created with the mode they are to have; the mask of the user's shell has no say in a restore.
  const umask = process.umask(0);
  try {
    const place = findPlace(root, target, settings.dryRun);
    try {
      const selection = new Selection(options.include, options.exclude);
      const tree = { delete: options.delete === true, dryRun: settings.dryRun, checksum: options.checksum === true };
      const run = new TreeRestore({ root: place.directory, reader: new DirectoryReader(store), pool, settings: tree, selection, tally });
      if (root.kind === 'directory') await run.directory(root, place.present, options.signal);
      else await run.single({ ...root, name: place.name }, place.present);
    } finally {
      place.directory?.close();
    }
  } finally {
    process.umask(umask);
    await pool.close();
  }
  const { files, directories, bytes, createdCount: created, updatedCount: updated, unchangedCount: unchanged, deletedCount: deleted, errors } = tally;
  return { files, directories, bytes, created, updated, unchanged, deleted, errors, elapsedMs: performance.now() - startedAt };
}

interface Place {
  /** Undefined in a dry run, where it would have to be made. */
  readonly directory: Directory | undefined;
  readonly present: ReadonlySet<ByteName> | undefined;
  /** The name of what is no directory. */
  readonly name: ByteName;
}

/** Opens the directory that is restored into. */
function findPlace(root: Entry, target: ByteName, dryRun: boolean): Place {
  const existing = openExisting(target);
  if (root.kind === 'directory' || existing !== undefined) {
    if (root.kind !== 'directory' && root.name === '') {
      existing?.directory.close();
      throw new UsageError(`${showName(target)} is a directory, and what is to be restored has no name of its own`, 'Name the file that it is to become.');
    }
    return { ...(existing ?? (dryRun ? { directory: undefined, present: undefined } : openTarget(target))), name: root.name };
  }
  const slash = target.lastIndexOf('/');
  const above = (slash < 0 ? '.' : target.slice(0, slash + 1)) as ByteName;
  const name = target.slice(slash + 1) as ByteName;
  return { ...(openExisting(above) ?? (dryRun ? { directory: undefined, present: undefined } : openTarget(above))), name };
}

function openExisting(path: ByteName): { readonly directory: Directory; readonly present: ReadonlySet<ByteName> } | undefined {
  try {
    const directory = system().openDirectory(path);
    return { directory, present: new Set(directory.entries().names) };
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
