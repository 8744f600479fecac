import fs from 'node:fs';
import os from 'node:os';
import { hasErrno, SystemError, UsageError } from '../../base/errors.ts';
import { type ByteName, nameFromBytes, nameToBytes, showName } from '../../base/names.ts';
import { digestFromText, digestToText } from '../../hash/digest.ts';
import { DryRunStore } from '../../store/dry-run.ts';
import { DamagedBlockError, MissingBlockError } from '../../store/errors.ts';
import type { Store, StoreCounters } from '../../store/types.ts';
import { system } from '../../sys/system.ts';
import { Archive } from '../archive.ts';
import type { Revision, SaveOptions, SaveReport } from '../types.ts';
import { Exclusion } from './exclusion.ts';
import { type CacheOwner, FileCache, FileCacheWriter } from './file-cache.ts';
import { openSavePool } from './pool.ts';
import { saveSingle } from './save-single.ts';
import { type StreamSource, saveStream } from './save-stream.ts';
import { type SavedTree, saveTree } from './save-tree.ts';
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
    if (!options.dryRun) await log.append(describe(path, { time, tree, files, bytes }, options));
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

function describe(source: ByteName, counted: Pick<Revision, 'time' | 'tree' | 'files' | 'bytes'>, options: SaveOptions): Revision {
  return {
    ...counted,
    host: os.hostname(),
    user: os.userInfo().username,
    source: showName(source),
    ...(options.note !== undefined && { note: options.note }),
    ...(options.tags !== undefined && { tags: options.tags }),
  };
}

/** Whether the archive still has a revision of this tree, and the store its root block: one that has lost segments is filled again by reading everything. */
async function mayRelyOn(tree: string, log: Archive, store: Store): Promise<boolean> {
  const { revisions } = await log.read();
  if (!revisions.some((revision) => revision.tree === tree)) return false;
  try {
    await store.get(digestFromText(tree));
    return true;
  } catch (error) {
    if (error instanceof MissingBlockError || error instanceof DamagedBlockError) return false;
    throw error;
  }
}

/** Flushes the store's instances in all threads; what they stored for new blocks since `before`, when those of the threads did not exist yet. */
async function flushAll(
  store: Store,
  before: StoreCounters,
  others: Promise<StoreCounters[]>,
): Promise<{ newBytes: number; storedBytes: number }> {
  await store.flush();
  const counters = [store.counters, ...(await others)];
  const sum = (field: 'newBytes' | 'storedBytes') => counters.reduce((total, one) => total + one[field], -before[field]);
  return { newBytes: sum('newBytes'), storedBytes: sum('storedBytes') };
}

/** What is to be saved; `path` is absolute, or for a stream its name. */
type Source =
  | { readonly kind: 'directory' | 'file'; readonly path: ByteName }
  | { readonly kind: 'stream'; readonly path: ByteName; readonly stream: StreamSource };

function resolveSource(source: ByteName | StreamSource): Source {
  if (typeof source !== 'string') return { kind: 'stream', path: source.name, stream: source };
  try {
    const real = fs.realpathSync.native(nameToBytes(source), 'buffer');
    const stat = fs.statSync(real);
    if (!stat.isDirectory() && !stat.isFile()) throw new UsageError(`${showName(source)} is neither a directory nor a file`);
    return { kind: stat.isDirectory() ? 'directory' : 'file', path: nameFromBytes(real) };
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EIO')) throw error;
    throw new SystemError((error as NodeJS.ErrnoException).code as string, 'open', showName(source), {
      advice: 'Check the path that is to be saved.',
      cause: error,
    });
  }
}
