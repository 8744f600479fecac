import { hasErrno } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { type Cutter, createCutter } from '../../chunk/cutter.ts';
import type { Piece } from '../../chunk/types.ts';
import type { Store } from '../../store/types.ts';
import type { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { Gatherer } from './gatherer.ts';
import { PendingContent } from './pending-content.ts';

/** Read at once from one file: little enough to be hashed while it is still in the processor's cache. */
export const SLAB_BYTES = 512 * 1024;

/** Blocks of files from this size on are bulk. */
const BULK_BYTES = 16 << 20;
/** Files are gathered up to about this much before their blocks go to the store. */
const GATHER_BYTES = 1 << 20;

/** A file that says it is empty is read to its end all the same, but no further than this: it may be one of /proc, and endless. */
export const MAX_UNSIZED_BYTES = 1 << 30;

/** Is told of all bytes of a file, in order, while it is read; what it returns is waited for. */
export interface ContentListener {
  /** Bytes as they were read. Those of a file of which `standsSideBySide` says so do, and stay there until another file is read. */
  bytes(view: Uint8Array): Promise<void> | undefined;
  /** A hole: so many zeros that were not read. */
  hole(sizeBytes: number): Promise<void> | undefined;
}

/**
 * Reads the content of open files and brings its blocks to a store. Those of many files stand side by side in the cutter's memory until the gatherer settles, which it is
 * told when that is full, and by the owner at the end.
 */
export class ContentReader {
  readonly cutter: Cutter;
  readonly gatherer: Gatherer;

  constructor(store: Store) {
    this.cutter = createCutter(store.chunking, { bufferBytes: GATHER_BYTES });
    this.gatherer = new Gatherer(store);
  }

  /** Reads a file, whose stat before is `stat`, from its beginning to its end, holes as holes; stops early where it has become shorter. Throws SystemError. */
  async read(fd: number, name: ByteName, stat: Stat, listener?: ContentListener): Promise<PendingContent> {
    const { size, blocks } = stat;
    await this.gatherer.setBulk(size >= BULK_BYTES);
    const content = new PendingContent(this.gatherer);
    this.cutter.reset({ name });
    if (blocks * 512 >= size) await this.#readRange(fd, 0, size === 0 ? MAX_UNSIZED_BYTES : size, content, listener);
    else await this.#readSparse(fd, name, size, content, listener);
    return content;
  }

  async #readSparse(
    fd: number,
    name: ByteName,
    size: number,
    content: PendingContent,
    listener: ContentListener | undefined,
  ): Promise<void> {
    const hole = async (sizeBytes: number): Promise<void> => {
      content.appendLeaf({ kind: 'run', byte: 0, size: sizeBytes, hole: true });
      await listener?.hole(sizeBytes);
    };
    let at = 0;
    for (let data = system().nextData(fd, 0); data !== undefined; data = system().nextData(fd, at)) {
      const end = holeAfter(fd, data);
      if (end === undefined) return;
      if (data > at) await hole(data - at);
      if (data > 0) this.cutter.reset({ name, offset: data });
      at = await this.#readRange(fd, data, end, content, listener);
      if (at < end) return;
    }
    if (at < size) await hole(size - at);
  }

  /** Reads `from` … `end` through the cutter, which was reset for it; stops early at the end of the file. Returns where it stopped. */
  async #readRange(fd: number, from: number, end: number, content: PendingContent, listener: ContentListener | undefined): Promise<number> {
    const { cutter, gatherer } = this;
    let at = from;
    while (at < end) {
      const wanted = Math.min(SLAB_BYTES, end - at);
      if (cutter.freeBytes < wanted) await gatherer.settle();
      const view = cutter.buffer(wanted).subarray(0, wanted);
      const got = system().read(fd, view, at);
      if (got === 0) break;
      const heard = listener?.bytes(view.subarray(0, got));
      if (heard !== undefined) await heard;
      cutter.fed(got);
      at += got;
      takePieces(cutter, content);
    }
    cutter.finish();
    takePieces(cutter, content);
    return at;
  }
}

/** Whether the content of a file with that stat is read into one place: it is neither long nor sparse, and says how long it is. */
export function standsSideBySide({ size, blocks }: Stat): boolean {
  return size > 0 && size <= SLAB_BYTES && blocks * 512 >= size;
}

/** Whether so many bytes are all of a file that did not change: where nothing is allocated, as in /proc and /sys, a size says nothing. */
export function isWhole(bytes: number, { size, blocks }: Stat): boolean {
  return bytes === size || (blocks === 0 && bytes < MAX_UNSIZED_BYTES);
}

function takePieces(cutter: Cutter, content: PendingContent): void {
  for (let piece: Piece | undefined = cutter.next(); piece !== undefined; piece = cutter.next()) content.append(piece);
}

/** The next hole; undefined when the file has become so short that it ends before `from`. */
function holeAfter(fd: number, from: number): number | undefined {
  try {
    return system().nextHole(fd, from);
  } catch (error) {
    if (hasErrno(error, 'ENXIO')) return undefined;
    throw error;
  }
}
