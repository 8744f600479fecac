import { type ByteName, showName } from '../../base/names.ts';
import { BlockBatch } from '../../block/block-batch.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import type { WrittenDirectory } from '../directory-writer.ts';
import { encodeEntry } from '../entry-encoder.ts';
import { encodeRoot } from '../root-block.ts';
import type { Entry, SaveOptions } from '../types.ts';
import { Assembly, drain } from './assembly.ts';
import { Batcher, type FileJob } from './batcher.ts';
import type { Exclusion } from './exclusion.ts';
import type { FileCache, FileCacheWriter } from './file-cache.ts';
import { observedTimes } from './file-saver.ts';
import { HardLinks } from './hard-links.ts';
import type { KnownDirectory } from './known-directory.ts';
import { attributesIfUnchanged, cutInExtents, isCutInExtents } from './large-file.ts';
import { Owners } from './owners.ts';
import type { PendingDirectory } from './pending-directory.ts';
import type { SavePool } from './pool.ts';
import type { Tally } from './tally.ts';
import { Walk } from './walk.ts';

/** Large files that are cut at the same time: enough to keep all threads busy at the end of one. */
const LARGE_AT_ONCE = 2;

/** What a saved tree comes to. Its blocks are in the store, but not flushed. */
export interface SavedTree {
  /** The root block, encoded. */
  readonly root: Uint8Array;
  /** Whether anything differs from what the cache knew. */
  readonly changed: boolean;
}

/**
 * Saves one directory and everything below it, or what of it is not `known`: the walk and the assembly of directories in this thread, the reading of files in the pool. The way
 * of the data is drawn in ARCHITECTURE.md, "Save". Closes `root`.
 */
export async function saveTree(parts: {
  readonly root: Directory;
  readonly store: Store;
  readonly pool: SavePool;
  readonly options: SaveOptions;
  readonly exclusion: Exclusion;
  readonly cache: FileCache | undefined;
  /** The directory as an earlier tree has it; never together with a cache. */
  readonly known?: KnownDirectory | undefined;
  readonly nextCache: FileCacheWriter | undefined;
  readonly tally: Tally;
}): Promise<SavedTree> {
  const { store, pool, options, tally } = parts;
  const blocks = new BlockBatch(store, store.hash);
  const owners = new Owners();
  let result: { readonly root: PendingDirectory; readonly written: WrittenDirectory } | undefined;
  const assembly = new Assembly({
    emit: blocks.emit,
    cache: parts.nextCache,
    tally,
    include: (work) => batcher.include(work),
    onRoot: (root, written) => {
      result = { root, written };
    },
  });
  const batcher = new Batcher(pool, assembly, owners, tally);
  let large = 0;

  const saveLarge = async (job: FileJob, stat: Stat): Promise<void> => {
    const { directory, name, identity } = job;
    try {
      const saved = await cutInExtents(job, stat, pool, blocks.emit, () => {
        drain(blocks);
        tally.report(() => showName((directory.path + name) as ByteName));
      });
      // A file that changes is left to a single reader, which tries again and marks it as torn if need be.
      const attributes = saved && attributesIfUnchanged(job, stat);
      if (saved === undefined || attributes === undefined) return batcher.add(job, stat);
      const { mode, mtime, uid, gid } = stat;
      const encoded = encodeEntry({
        kind: 'file',
        mode,
        mtime,
        content: saved.content,
        ...attributes,
        ...(identity !== undefined && { identity }),
        ...(options.observedTimes && observedTimes(stat)),
      });
      const signature = new Uint8Array(SIGNATURE_BYTES);
      stat.signature(signature, 0);
      tally.readFiles++;
      tally.readBytes += saved.readBytes;
      tally.done(stat.size);
      assembly.add(directory, { name, signature, encoded, files: 1, bytes: stat.size, identity, owner: owners.of(uid, gid) }, true);
    } finally {
      large--;
      job.handle.release();
    }
  };

  const onFile = (job: FileJob, stat: Stat): boolean => {
    if (!isCutInExtents(job, stat)) {
      batcher.add(job, stat);
      return false;
    }
    const own = new Stat();
    own.copyFrom(stat);
    large++;
    job.handle.retain();
    batcher.include(saveLarge(job, own));
    return true;
  };

  // The other half is for the store, for threads, and for files.
  const mostOpen = system().openFileLimit() / 2;
  const pause = async (): Promise<void> => {
    options.signal?.throwIfAborted();
    batcher.check();
    drain(blocks);
    await pool.ready();
    await batcher.boundOpenDirectories(mostOpen);
    while (large >= LARGE_AT_ONCE && !batcher.failed) await batcher.settleOne();
  };

  const { cache, known } = parts;
  const walk = new Walk({ options, assembly, cache, known, links: new HardLinks(store.hash), owners, tally, onFile });
  try {
    await walk.run(parts.root, parts.exclusion, pause);
    tally.walked();
    await batcher.finish();
  } finally {
    batcher.abandon();
  }
  if (result === undefined) throw new Error('the root was never completed');
  const { root, written } = result;
  const entry: Omit<Entry, 'name'> = { ...root.own.body, owner: root.own.owner, content: written.content, summary: written.summary };
  const block = encodeRoot(entry);
  blocks.emit(block);
  await blocks.flush();
  return { root: block, changed: assembly.changed };
}
