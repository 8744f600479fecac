import { UsageError, VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import type { BlockRef } from '../../block/types.ts';
import { digestFromText, digestToText } from '../../hash/digest.ts';
import { DryRunStore } from '../../store/dry-run.ts';
import type { Store } from '../../store/types.ts';
import { system } from '../../sys/system.ts';
import { Archive } from '../archive.ts';
import { DirectoryReader } from '../directory-reader.ts';
import { decodeRoot } from '../root-block.ts';
import type { SaveOptions, SaveReport } from '../types.ts';
import { type Change, type ChangePlan, planChanges } from './changes.ts';
import { Exclusion } from './exclusion.ts';
import { KnownDirectory } from './known-directory.ts';
import { openSavePool } from './pool.ts';
import { describeRevision, flushAll, mayRelyOn } from './revision.ts';
import { saveTree } from './save-tree.ts';
import { resolveSource } from './source.ts';
import { Tally } from './tally.ts';

/** Which tree a directory was saved as, and what may have changed since. */
export interface SaveChangesRequest {
  readonly store: Store;
  readonly archive: string;
  /** The directory, by its path, where a symbolic link is followed. */
  readonly source: ByteName;
  /** Text digest of the tree that it was saved as, which a revision of the archive has. */
  readonly base: string;
  /**
   * All paths that may differ from `base`, those included that were torn or failed when it was saved. What is not among them is taken over from there, unseen; so of a file
   * with several links in the source they have all to be named when it changes, or when any of them comes, goes, moves, or is excluded by other rules than before.
   */
  readonly changes: Iterable<Change>;
  /** Those by which `base` was saved. */
  readonly options?: Omit<SaveOptions, 'readAll'>;
}

/** As of a save, but that nobody has counted the directories. `files` and `bytes` are those of the whole tree. */
export type SaveChangesReport = Omit<SaveReport, 'directories'>;

/** The tree that changes are told against cannot be relied upon any more. */
export class BaseGoneError extends VarveError {
  constructor(tree: string, archive: string) {
    super('BASE_GONE', `no revision of archive ${archive} has the tree ${tree} any more, or it is damaged`, {
      advice: 'Save everything once more.',
    });
  }
}

/**
 * Saves a directory as a new revision of an archive, at the cost of what may have changed since it was saved as `base`: the tree is, to the digest, what `save` would make
 * of the source. Whatever is looked at is walked, read and encoded by what `save` does it with.
 *
 * Order of commit and protection from collection are those of `save`, with `base` pinned. The file cache of the source stays as it is: the next `save` looks at what has
 * changed since that was written.
 *
 * Rejects as `save` does, with BaseGoneError, or when a part of `base` that is needed cannot be read; then there is no new revision, and a `save` is what helps.
 */
export async function saveChanges(request: SaveChangesRequest): Promise<SaveChangesReport> {
  const { options = {}, archive, base } = request;
  const startedAt = performance.now();
  const time = new Date().toISOString();
  const store = options.dryRun ? new DryRunStore(request.store) : request.store;
  const before = { ...store.counters };
  const tally = new Tally(options);
  const exclusion = Exclusion.fromOptions(options);
  const plan = planChanges(request.changes);
  const { kind, path } = resolveSource(request.source);
  if (kind !== 'directory') throw new UsageError(`${showName(path)} is no directory`);
  const log = new Archive(store.archive(archive));
  const hold = await store.hold([digestFromText(base)]);
  const pool = openSavePool(store, { threads: options.threads, observedTimes: options.observedTimes === true });
  try {
    if (!(await mayRelyOn(base, log, store))) throw new BaseGoneError(base, archive);
    const known = await knownRoot(store, base, plan);
    const parts = { store, pool, options, exclusion, known, tally, cache: undefined, nextCache: undefined };
    const saved = await saveTree({ root: system().openDirectory(path), ...parts });
    const tree = digestToText(store.hash.hash(saved.root));
    const counters = await flushAll(store, before, pool.flush());
    const { files, bytes } = decodeRoot(saved.root).summary ?? { files: 0, bytes: 0 };
    if (!options.dryRun) await log.append(describeRevision(path, { time, tree, files, bytes }, options));
    const { readFiles, readBytes, errors } = tally;
    return { tree, archive, time, files, bytes, readFiles, readBytes, ...counters, errors, elapsedMs: performance.now() - startedAt };
  } finally {
    await pool.close();
    await hold.release();
  }
}

/** Undefined when the base is no directory. */
async function knownRoot(store: Store, base: string, plan: ChangePlan): Promise<KnownDirectory | undefined> {
  const { kind, content } = decodeRoot(await store.get(digestFromText(base)));
  return kind === 'directory' ? new KnownDirectory(new DirectoryReader(store), content as BlockRef, plan) : undefined;
}
