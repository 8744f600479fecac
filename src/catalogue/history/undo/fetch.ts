import { CborWriter } from '../../../base/cbor-writer.ts';
import type { Ref } from '../../../block/types.ts';
import type { Store } from '../../../store/types.ts';
import { writeEntry } from '../../../tree/entry-encoder.ts';
import { FileRestorer } from '../../../tree/restore/file-restorer.ts';
import type { KeptContents } from '../kept-contents.ts';
import { timeOf } from '../past-tree.ts';
import type { Trash } from './trash.ts';
import { waitingName } from './trash.ts';
import type { UndoItem } from './types.ts';

/** Contents that are asked of the store at once. */
const BATCH_FILES = 256;

export type FetchFailure = { readonly code: string; readonly message: string };

/** A file that has to be made, in the root whose trash it waits in. */
export interface FetchJob {
  readonly item: UndoItem;
  readonly trash: Trash;
}

/**
 * Makes files with what they held, their mode, owner and time, among those that wait for their places; each is read back. Returns what failed; where that is more than
 * metadata, the file is not there. Nothing else on the disk is touched.
 */
export async function fetchFiles(jobs: readonly FetchJob[], store: Store, contents: KeptContents): Promise<Map<UndoItem, FetchFailure>> {
  const restorer = new FileRestorer(store, { dryRun: false, verify: true, keepXattrs: true });
  const failed = new Map<UndoItem, FetchFailure>();
  for (let at = 0; at < jobs.length; at += BATCH_FILES) {
    const batch = jobs.slice(at, at + BATCH_FILES);
    const entries = new CborWriter();
    const owners = new Float64Array(batch.length * 2);
    let bytes = 0;
    for (const [i, { item }] of batch.entries()) {
      const was = item.was as NonNullable<UndoItem['was']>;
      const content = contents.refOf(was) as Ref;
      entries.byteName(waitingName(item.node));
      writeEntry(entries, { kind: 'file', mode: was.mode, mtime: timeOf(was.mtime), content });
      owners.set([was.uid, was.gid], 2 * i);
      bytes += content.size;
    }
    const { failures } = await restorer.restore({
      directories: batch.map(({ trash }) => trash.waiting.handle),
      tasks: batch.map(() => 'create'),
      entries: entries.copy(),
      inheriting: batch.map(() => false),
      ...{ owners, bytes },
    });
    for (const { item, code, message } of failures) failed.set((batch[item] as FetchJob).item, { code, message });
  }
  return failed;
}
