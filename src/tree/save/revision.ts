import os from 'node:os';
import { type ByteName, showName } from '../../base/names.ts';
import { digestFromText } from '../../hash/digest.ts';
import { DamagedBlockError, MissingBlockError } from '../../store/errors.ts';
import type { Store, StoreCounters } from '../../store/types.ts';
import type { Archive } from '../archive.ts';
import { decodeRevisions } from '../revision-line.ts';
import type { Revision, SaveOptions } from '../types.ts';

/** The line of a revision that is made here and now. */
export function describeRevision(
  source: ByteName,
  counted: Pick<Revision, 'time' | 'tree' | 'files' | 'bytes'>,
  options: Pick<SaveOptions, 'note' | 'tags'>,
): Revision {
  return {
    ...counted,
    host: os.hostname(),
    user: os.userInfo().username,
    source: showName(source),
    ...(options.note !== undefined && { note: options.note }),
    ...(options.tags !== undefined && { tags: options.tags }),
  };
}

/** Asked once the tree is pinned: whether the archive still has a revision of it, and the store its root block: one that has lost segments is filled again by reading everything. */
export async function mayRelyOn(tree: string, log: Archive, store: Store): Promise<boolean> {
  const lines = await log.log.lines();
  // There may be many thousands, so only those are decoded that can be meant.
  const { revisions } = decodeRevisions(lines.filter((line) => line.includes(tree)));
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
export async function flushAll(
  store: Store,
  before: StoreCounters,
  others: Promise<StoreCounters[]>,
): Promise<{ newBytes: number; storedBytes: number }> {
  await store.flush();
  const counters = [store.counters, ...(await others)];
  const sum = (field: 'newBytes' | 'storedBytes') => counters.reduce((total, one) => total + one[field], -before[field]);
  return { newBytes: sum('newBytes'), storedBytes: sum('storedBytes') };
}
