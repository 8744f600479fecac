import { setTimeout } from 'node:timers/promises';
import type { ByteName } from '../../base/names.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { encodeEntry } from '../entry-encoder.ts';
import { ContentReader, isWhole } from './content-reader.ts';
import { openFile, ReplacedError } from './file-reader.ts';
import type { SavedFile } from './pack.ts';
import type { PendingContent } from './pending-content.ts';
import { isRacy, millisecondsUntilChangesShow } from './racy.ts';
import { readFileXattrs } from './xattrs.ts';

/** A file that changes while it is read is read again so many times, then marked as torn. */
const ATTEMPTS = 3;
/** What became of a file; to be called once the gatherer has settled, and settled once more after it. */
export type PendingFile = () => SavedFile;

/**
 * Reads files and brings their blocks to a store (T10): the long way, for files of any size, that change meanwhile or not.
 */
export class FileSaver {
  readonly contents: ContentReader;
  readonly #observedTimes: boolean;
  readonly #listed = new Stat();
  readonly #before = new Stat();
  readonly #after = new Stat();
  readFiles = 0;
  readBytes = 0;

  constructor(store: Store, options: { readonly observedTimes: boolean }) {
    this.contents = new ContentReader(store);
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
        const content = await this.contents.read(fd, name, this.#before);
        this.readFiles++;
        this.readBytes += content.size;
        sys.statFile(fd, this.#after);
        const torn = !this.#before.sameAs(this.#after) || !isWhole(content.size, this.#after);
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
