import { CborWriter } from '../../base/cbor-writer.ts';
import { writeRef } from '../../block/ref-codec.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { SLAB_BYTES } from './content-reader.ts';
import { openFile } from './file-reader.ts';
import type { FileSaver } from './file-saver.ts';
import type { ExtentResult, ExtentTask } from './messages.ts';
import { PendingLeaves } from './pending-content.ts';

/**
 * Cuts one extent of a large file so that several threads can share it. Where blocks begin does not depend on what came long before: a cutter that starts
 * a little earlier has fallen in with the boundaries of the whole file when it comes to the extent. So each thread starts early, stores only
 * from the first boundary at or after `from`, and goes on to the first one at or after `to`. Whether the ends of neighbours
 * meet is checked by the coordinator; where they do not, the extent is cut again from the exact boundary.
 */
export async function saveExtent(saver: FileSaver, task: ExtentTask): Promise<ExtentResult> {
  const sys = system();
  const { cutter, gatherer } = saver.contents;
  const before = new Stat();
  const after = new Stat();
  const refs = new CborWriter();
  await gatherer.setBulk(true);
  const fd = openFile(sys.directoryFromHandle(task.directory), task.name);
  try {
    sys.statFile(fd, before);
    const begin = task.exact ? task.from : Math.max(0, task.from - WARM_UP_BYTES);
    cutter.reset({ name: task.name, offset: begin });
    const leaves = new PendingLeaves(gatherer, (leaf) => writeRef(refs, leaf));
    let start: number | undefined;
    let end = begin;
    /** Takes the pieces that are certain; true when the extent is complete. */
    const take = (): boolean => {
      for (let piece = cutter.next(); piece !== undefined; piece = cutter.next()) {
        if (piece.offset >= task.to) return true;
        if (piece.offset >= task.from) {
          start ??= piece.offset;
          leaves.append(piece);
        }
        end = piece.offset + piece.size;
      }
      return end >= task.to;
    };
    for (let at = begin, done = false; !done; ) {
      if (cutter.freeBytes < SLAB_BYTES) await gatherer.settle();
      const got = sys.read(fd, cutter.buffer(SLAB_BYTES).subarray(0, SLAB_BYTES), at);
      at += got;
      if (got > 0) cutter.fed(got);
      else cutter.finish();
      done = take() || got === 0;
    }
    await gatherer.settle();
    sys.statFile(fd, after);
    saver.readBytes += leaves.size;
    const signature = new Uint8Array(SIGNATURE_BYTES);
    after.signature(signature, 0);
    return { start: start ?? end, end, refs: refs.copy(), signature: before.sameAs(after) ? signature : undefined };
  } finally {
    sys.closeFile(fd);
  }
}

/** How far before its extent a thread starts: tens of blocks, where the expected number until it falls in is about two (docs/chunking.md). */
const WARM_UP_BYTES = 2 * 1024 * 1024;
