import { setTimeout } from 'node:timers/promises';
import { hasErrno } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { type Cutter, createCutter } from '../../chunk/cutter.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { encodeEntry } from '../entry-encoder.ts';
import { openFile, ReplacedError, readRange } from './file-reader.ts';
import { Gatherer } from './gatherer.ts';
import type { SavedFile } from './pack.ts';
import { PendingContent } from './pending-content.ts';
import { isRacy, millisecondsUntilChangesShow } from './racy.ts';
import { readFileXattrs } from './xattrs.ts';

/** A file that changes while it is read is read again so many times, then marked as torn. */
const ATTEMPTS = 3;
/** Blocks of files from this size on are bulk. */
const BULK_BYTES = 16 << 20;
/** Files are gathered up to about this much before their blocks go to the store. */
const GATHER_BYTES = 1 << 20;

/** A file that says it is empty is read to its end all the same, but no further than this: it may be one of /proc, and endless. */
const MAX_UNSIZED_BYTES = 1 << 30;

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
  readonly #listed = new Stat();
  readonly #before = new Stat();
  readonly #after = new Stat();
  readFiles = 0;
  readBytes = 0;

  constructor(store: Store, options: { readonly observedTimes: boolean }) {
    this.gatherer = new Gatherer(store);
    this.cutter = createCutter(store.chunking, { bufferBytes: GATHER_BYTES });
    this.#observedTimes = options.observedTimes;
  }

  /** Reads a file, whose signature when it was listed is that of its item in `signatures`. Throws VanishedError, ReplacedError, or the SystemError of what failed. */
  async read(
    directory: Directory,
    name: ByteName,
    item: number,
    signatures: Uint8Array,
    identity: Uint8Array | undefined,
  ): Promise<PendingFile> {
    const sys = system();
    const fd = openFile(directory, name);
    try {
      for (let attempt = 1; ; attempt++) {
        sys.statFile(fd, this.#before);
        if (this.#before.kind !== 'file') throw new ReplacedError(name);
        const pauseMs = millisecondsUntilChangesShow(this.#before);
        if (pauseMs > 0) {
          await setTimeout(pauseMs);
          sys.statFile(fd, this.#before);
        }
        const racy = isRacy(this.#before);
        await this.gatherer.setBulk(this.#before.size >= BULK_BYTES);
        const content = await this.#readContent(fd, name);
        this.readFiles++;
        this.readBytes += content.size;
        sys.statFile(fd, this.#after);
        const torn = !this.#before.sameAs(this.#after) || !this.#isWhole(content.size);
        if (torn && attempt < ATTEMPTS) continue;
        this.#listed.loadSignature(signatures, item * SIGNATURE_BYTES);
        const isOther = identity !== undefined && !this.#listed.sameFile(this.#after);
        const trusted = !torn && !isOther && !racy && content.size === this.#after.size;
        return this.#describe(fd, item, content, isOther ? undefined : identity, torn, trusted);
      }
    } finally {
      sys.closeFile(fd);
    }
  }

  /** Whether so many bytes are all of a file that did not change: where nothing is allocated, as in /proc and /sys, a size says nothing. */
  #isWhole(bytes: number): boolean {
    const { size, blocks } = this.#after;
    return bytes === size || (blocks === 0 && bytes < MAX_UNSIZED_BYTES);
  }

  async #readContent(fd: number, name: ByteName): Promise<PendingContent> {
    const content = new PendingContent(this.gatherer);
    const { size, blocks } = this.#before;
    this.cutter.reset({ name });
    if (blocks * 512 >= size) {
      await readRange(fd, 0, size === 0 ? MAX_UNSIZED_BYTES : size, this.cutter, this.gatherer, content);
      return content;
    }
    let at = 0;
    for (let data = system().nextData(fd, 0); data !== undefined; data = system().nextData(fd, at)) {
      const end = holeAfter(fd, data);
      if (end === undefined) return content;
      if (data > at) content.appendLeaf({ kind: 'run', byte: 0, size: data - at, hole: true });
      if (data > 0) this.cutter.reset({ name, offset: data });
      at = await readRange(fd, data, end, this.cutter, this.gatherer, content);
      if (at < end) return content;
    }
    if (at < size) content.appendLeaf({ kind: 'run', byte: 0, size: size - at, hole: true });
    return content;
  }

  /** All but digests is taken from the open file now. */
  #describe(
    fd: number,
    item: number,
    content: PendingContent,
    identity: Uint8Array | undefined,
    torn: boolean,
    trusted: boolean,
  ): PendingFile {
    const stat = this.#after;
    const signature = new Uint8Array(SIGNATURE_BYTES);
    if (trusted) stat.signature(signature, 0);
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

/** The next hole; undefined when the file has become so short that it ends before `from`. */
function holeAfter(fd: number, from: number): number | undefined {
  try {
    return system().nextHole(fd, from);
  } catch (error) {
    if (hasErrno(error, 'ENXIO')) return undefined;
    throw error;
  }
}
