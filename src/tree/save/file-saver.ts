import type { ByteName } from '../../base/names.ts';
import { type Cutter, createCutter } from '../../chunk/cutter.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { encodeEntry } from '../entry-encoder.ts';
import { openFile, readRange, VanishedError } from './file-reader.ts';
import { Gatherer } from './gatherer.ts';
import type { SavedFile } from './pack.ts';
import { PendingContent } from './pending-content.ts';
import { isRacy } from './racy.ts';
import { readFileXattrs } from './xattrs.ts';

/** A file that changes while it is read is read again so many times, then marked as torn. */
const ATTEMPTS = 3;
/** Blocks of files from this size on are bulk. */
const BULK_BYTES = 16 << 20;
/** Files are gathered up to about this much before their blocks go to the store. */
const GATHER_BYTES = 1 << 20;

/** What became of a file; to be called once the gatherer has settled, and settled once more after it. */
export type PendingFile = () => SavedFile;

/**
 * Reads files and brings their blocks to a store (T10). The bytes of many small files stand side by side in the cutter's memory until they go to the
 * store in one batch; so a small file costs its system calls, one hash, and little else.
 */
export class FileSaver {
  readonly gatherer: Gatherer;
  readonly cutter: Cutter;
  readonly #observedTimes: boolean;
  readonly #before = new Stat();
  readonly #after = new Stat();
  readFiles = 0;
  readBytes = 0;

  constructor(store: Store, options: { readonly observedTimes: boolean }) {
    this.gatherer = new Gatherer(store);
    this.cutter = createCutter(store.chunking, { bufferBytes: GATHER_BYTES });
    this.#observedTimes = options.observedTimes;
  }

  /** Reads a file; throws VanishedError, or the SystemError of what failed. */
  async read(directory: Directory, name: ByteName, item: number, identity: Uint8Array | undefined): Promise<PendingFile> {
    const sys = system();
    const fd = openFile(directory, name);
    try {
      for (let attempt = 1; ; attempt++) {
        sys.statFile(fd, this.#before);
        if (this.#before.kind !== 'file') throw new VanishedError(name);
        await this.gatherer.setBulk(this.#before.size >= BULK_BYTES);
        const content = await this.#readContent(fd, name);
        this.readFiles++;
        this.readBytes += content.size;
        sys.statFile(fd, this.#after);
        const torn = !this.#before.sameAs(this.#after) || content.size !== this.#after.size;
        if (!torn || attempt === ATTEMPTS) return this.#describe(fd, item, content, identity, torn);
      }
    } finally {
      sys.closeFile(fd);
    }
  }

  async #readContent(fd: number, name: ByteName): Promise<PendingContent> {
    const content = new PendingContent(this.gatherer);
    const { size, blocks } = this.#before;
    this.cutter.reset({ name });
    if (blocks * 512 >= size) {
      await readRange(fd, 0, size, this.cutter, this.gatherer, content);
      return content;
    }
    let at = 0;
    for (let data = system().nextData(fd, 0); data !== undefined; data = system().nextData(fd, at)) {
      if (data > at) content.appendLeaf({ kind: 'run', byte: 0, size: data - at, hole: true });
      const end = system().nextHole(fd, data);
      if (data > 0) this.cutter.reset({ name, offset: data });
      at = await readRange(fd, data, end, this.cutter, this.gatherer, content);
      if (at < end) return content;
    }
    if (at < size) content.appendLeaf({ kind: 'run', byte: 0, size: size - at, hole: true });
    return content;
  }

  /** All but digests is taken from the open file now. */
  #describe(fd: number, item: number, content: PendingContent, identity: Uint8Array | undefined, torn: boolean): PendingFile {
    const stat = this.#after;
    const signature = new Uint8Array(SIGNATURE_BYTES);
    if (!torn && !isRacy(stat)) stat.signature(signature, 0);
    const xattrs = readFileXattrs(fd);
    const { mode, uid, gid, mtime } = stat;
    const observed = this.#observedTimes ? observedTimes(stat) : undefined;
    return () => {
      const entry = {
        kind: 'file' as const,
        mode,
        mtime,
        content: content.ref(),
        ...(xattrs !== undefined && { xattrs }),
        ...(identity !== undefined && { identity }),
        ...(torn && { torn }),
        ...observed,
      };
      return { item, signature, sizeBytes: content.size, torn, uid, gid, encoded: encodeEntry(entry) };
    };
  }
}

/** Change and birth time as fields of an entry. */
export function observedTimes(stat: Stat): { ctime: Stat['ctime']; btime?: NonNullable<Stat['btime']> } {
  const { ctime, btime } = stat;
  return btime === undefined ? { ctime } : { ctime, btime };
}
