import type { ByteName } from '../../base/names.ts';
import { RefReader } from '../../block/ref-reader.ts';
import type { Store } from '../../store/types.ts';
import { DirectoryReader } from '../directory-reader.ts';
import type { Entry, RestoreOptions, RestoreReport } from '../types.ts';
import { StoredTree, type TreeView } from '../view.ts';
import { openPlace } from './place.ts';
import { openRestorePool } from './pool.ts';
import { RestoreTally } from './restore-tally.ts';
import { TreeRestore } from './restore-tree.ts';
import { Selection } from './selection.ts';

/** Each directory is read once; only where equal ones stand side by side is there something to gain. */
const READER_CACHE_BYTES = 1 << 20;

/** What is to be restored, and where to. The caller holds the store with the tree pinned. */
export interface RestoreRequest {
  readonly store: Store;
  /** A directory, whose content comes to stand in `target`; or any other entry, which becomes `target`, or stands in it under its name when that is a directory. */
  readonly root: Entry;
  readonly target: ByteName;
  /** Where directories are listed whose content is no block of the store. It may be partial: then what has a place in `target` keeps its extended attributes. */
  readonly view?: TreeView;
  readonly options?: RestoreOptions;
}

/**
 * Restores an entry and everything below it (T12): to a new place, or over what is there, writing only what differs.
 *
 * Files are completed under a temporary name and renamed: whatever happens, each path holds its complete old or its complete new content. What fails
 * is in the report, and the rest goes on; rejects when nothing could be restored at all, or the store fails.
 */
export async function restore({ store, root, target, view, options = {} }: RestoreRequest): Promise<RestoreReport> {
  const startedAt = performance.now();
  const tally = new RestoreTally(options, root.summary);
  const keepXattrs = view?.root.isPartial === true;
  const settings = { dryRun: options.dryRun === true, verify: options.verify === true, keepXattrs };
  const pool = openRestorePool(store, options.threads, settings);
  let umask: number | undefined;
  try {
    const place = openPlace(root, target, settings.dryRun);
    // Files are created with the mode they are to have; the mask of the user's shell has no say in a restore.
    umask = process.umask(0);
    try {
      const selection = new Selection(options.include, options.exclude);
      const tree = {
        ...{ delete: options.delete === true, staying: options.staying ?? new Set<string>() },
        ...{ dryRun: settings.dryRun, checksum: options.checksum === true, keepXattrs },
      };
      const run = new TreeRestore({
        root: place.directory,
        view: view ?? storedTree(store, root),
        pool,
        settings: tree,
        selection,
        tally,
      });
      if (root.kind === 'directory') await run.directory(root, place.present, options.signal);
      else await run.single({ ...root, name: place.name }, place.present);
    } finally {
      place.directory?.close();
    }
  } finally {
    try {
      await pool.close();
    } finally {
      // Of an interrupted one this thread's own batch has run to its end by now, with modes that count on it.
      if (umask !== undefined) process.umask(umask);
    }
  }
  const {
    files,
    directories,
    bytes,
    createdCount: created,
    updatedCount: updated,
    unchangedCount: unchanged,
    deletedCount: deleted,
    errors,
  } = tally;
  return { files, directories, bytes, created, updated, unchanged, deleted, errors, elapsedMs: performance.now() - startedAt };
}

function storedTree(store: Store, root: Entry): StoredTree {
  return new StoredTree(store, root, { directories: new DirectoryReader(store, READER_CACHE_BYTES), contents: new RefReader(store) });
}
