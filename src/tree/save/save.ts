import type { ByteName } from '../../base/names.ts';
import { digestFromText, digestToText } from '../../hash/digest.ts';
import { DryRunStore } from '../../store/dry-run.ts';
import type { Store } from '../../store/types.ts';
import { system } from '../../sys/system.ts';
import { Archive } from '../archive.ts';
import type { SaveOptions, SaveReport } from '../types.ts';
import { Exclusion } from './exclusion.ts';
import { type CacheOwner, FileCache, FileCacheWriter } from './file-cache.ts';
import { openSavePool } from './pool.ts';
import { describeRevision, flushAll, mayRelyOn } from './revision.ts';
import { saveSingle } from './save-single.ts';
import { type StreamSource, saveStream } from './save-stream.ts';
import { type SavedTree, saveTree } from './save-tree.ts';
import { resolveSource } from './source.ts';
import { Tally } from './tally.ts';

/** What is to be saved, where to, and what may be known of it. */
export interface SaveRequest {
  readonly store: Store;
  readonly archive: string;
  /** A directory or a file, by its path, where a symbolic link is followed: the user named it. Or a stream. */
  readonly source: ByteName | StreamSource;
  /** Where the file cache of this source stands; without it everything is read. */
  readonly cacheFile?: string;
  readonly options?: SaveOptions;
}

/**
 * Saves a file or a tree as a new revision of an archive (T10).
 *
 * Order of commit: blocks are flushed by all threads; then the revision's line is appended, which is *the* commit point; then the file cache is put in its place.
 * The store is held from before the first look into it until after the commit, with the tree of the file cache pinned, and only then is that tree looked for in
 * the archive: so nothing that the revision refers to can be collected in between.
 *
 * Rejects when nothing could be saved at all, or the store fails; then there is no new revision. Items that fail are in the report.
 */
export async function save(request: SaveRequest): Promise<SaveReport> {
  const { options = {}, archive } = request;
  const startedAt = performance.now();
  const time = new Date().toISOString();
  const store = options.dryRun ? new DryRunStore(request.store) : request.store;
  const before = { ...store.counters };
  const tally = new Tally(options);
  const exclusion = Exclusion.fromOptions(options);
  const source = resolveSource(request.source);
  const { path } = source;
  const log = new Archive(store.archive(archive));
  const cacheOwner: CacheOwner = { store: store.name, source: path, observedTimes: options.observedTimes === true };
  const cacheFile = source.kind === 'directory' ? request.cacheFile : undefined;

  const known = cacheFile === undefined || options.readAll ? undefined : FileCache.open(cacheFile, cacheOwner);
  const hold = await store.hold(known === undefined ? [] : [digestFromText(known.tree)]);
  const pool = openSavePool(store, { threads: options.threads, observedTimes: options.observedTimes === true });
  let nextCache: FileCacheWriter | undefined;
  try {
    const cache = known !== undefined && (await mayRelyOn(known.tree, log, store)) ? known : undefined;
    nextCache = cacheFile === undefined || options.dryRun ? undefined : new FileCacheWriter(cacheFile, cacheOwner);
    const saved: SavedTree =
      source.kind === 'stream'
        ? await saveStream({ ...source.stream, store, tally })
        : source.kind === 'file'
          ? await saveSingle({ path, store, pool, tally })
          : await saveTree({ root: system().openDirectory(path), store, pool, options, exclusion, cache, nextCache, tally });
    const tree = digestToText(store.hash.hash(saved.root));
    const counters = await flushAll(store, before, pool.flush());
    const { files, directories, bytes, readFiles, readBytes, errors } = tally;
    if (!options.dryRun) await log.append(describeRevision(path, { time, tree, files, bytes }, options));
    if (saved.changed || cache === undefined) {
      nextCache?.commit(tree);
      nextCache = undefined;
    }
    return {
      tree,
      archive,
      time,
      files,
      directories,
      bytes,
      readFiles,
      readBytes,
      ...counters,
      errors,
      elapsedMs: performance.now() - startedAt,
    };
  } finally {
    nextCache?.abandon();
    known?.close();
    await pool.close();
    await hold.release();
  }
}
