import { CborReader } from '../../base/cbor-reader.ts';
import { FormatError, hasErrno, VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { BlockRef } from '../../block/types.ts';
import type { Store } from '../../store/types.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory, DirectoryHandle } from '../../sys/types.ts';
import { readEntry } from '../entry-decoder.ts';
import { MAX_NAME_BYTES } from '../limits.ts';
import type { Entry } from '../types.ts';
import { ContentWriter } from './content-writer.ts';
import { type ItemFailure, OUTCOME, type RestoreBatch, type RestoreBatchResult, type RestoreSettings } from './messages.ts';
import {
  applyMetadata,
  copyXattrs,
  fileTarget,
  type LocalOwner,
  type MetadataFailureListener,
  metadataDiffers,
  presentMetadata,
} from './metadata.ts';
import { TemporaryFile } from './temporary-file.ts';
import { newTemporaryName } from './temporary-name.ts';

/** Old versions of files from this size on are looked through for blocks that are right already. */
const BASE_BYTES = 1 << 20;

interface Job {
  readonly item: number;
  readonly directory: Directory;
  readonly task: RestoreBatch['tasks'][number];
  readonly entry: Entry;
  readonly owner: LocalOwner;
  readonly inherits: boolean;
}

/** Restores files (T12): each is completed under a temporary name and renamed, so that its name always stands for a whole file, old or new. */
export class FileRestorer {
  readonly #store: Store;
  readonly #settings: RestoreSettings;
  readonly #content: ContentWriter;
  readonly #stat = new Stat();
  /** Files are completed one after another, but others may work in this thread meanwhile. */
  readonly #temporaryName = newTemporaryName();
  /** Whose a file is that is made in a directory of the batch in hand: mostly there is nothing to set. */
  readonly #ownersOfNew = new Map<DirectoryHandle, LocalOwner>();

  constructor(store: Store, settings: RestoreSettings) {
    this.#store = store;
    this.#settings = settings;
    this.#content = new ContentWriter(store);
  }

  async restore(batch: RestoreBatch): Promise<RestoreBatchResult> {
    const jobs = decodeBatch(batch);
    const results = new Results(jobs.length);
    this.#ownersOfNew.clear();
    if (!this.#settings.dryRun) await this.#restoreBlocks(jobs, results);
    for (const job of jobs) {
      if (results.isSettled(job)) continue;
      try {
        results.settle(job, await this.#restoreFile(job, results.listenerFor(job)));
      } catch (error) {
        results.fail(job, error);
      }
    }
    return results;
  }

  /** Restores those new files that are one block, of which the store gives many at once; what cannot be had is left. A batch's contents were bounded by its maker. */
  async #restoreBlocks(jobs: readonly Job[], results: Results): Promise<void> {
    const small = jobs.filter(({ task, entry }) => task === 'create' && entry.content?.kind === 'block');
    const digests = small.map(({ entry }) => (entry.content as BlockRef).digest);
    try {
      await this.#store.lend(digests, (first, bytes, ends) => {
        for (let i = 0; i < ends.length; i++) {
          const job = small[first + i] as Job;
          try {
            this.#restoreBlock(job, bytes.subarray(ends[i - 1] ?? 0, ends[i]), results.listenerFor(job));
            results.settle(job, OUTCOME.created);
          } catch (error) {
            results.fail(job, error);
          }
        }
      });
    } catch (error) {
      // A block is missing or damaged: each file that is left finds out for itself.
      if (!(error instanceof VarveError)) throw error;
    }
  }

  #restoreBlock(job: Job, block: Uint8Array, onFailure: MetadataFailureListener): void {
    const ref = job.entry.content as BlockRef;
    if (block.length !== ref.size) throw new FormatError('ref', `a block has ${block.length} bytes where its ref says ${ref.size}`);
    using file = this.#createFile(job);
    system().write(file.fd, block, 0);
    if (this.#settings.verify) assertRight(this.#content.holds(file.fd, { offset: 0, ref }));
    this.#finish(job, file, onFailure);
  }

  async #restoreFile(job: Job, onFailure: MetadataFailureListener): Promise<number> {
    const { directory, task, entry } = job;
    if (entry.content === undefined) throw new FormatError('entry', 'a file without content');
    if (task === 'create') {
      if (!this.#settings.dryRun) await this.#complete(job, undefined, onFailure);
      return OUTCOME.created;
    }
    const old = openIfFile(directory, entry.name, this.#stat);
    try {
      const isRight =
        old !== undefined && (task === 'metadata' || (task === 'compare' && (await this.#content.matches(old, entry.content))));
      const kept = isRight ? this.#keep(old, job, onFailure) : undefined;
      if (kept !== undefined) return kept;
      if (!this.#settings.dryRun) await this.#complete(job, old, onFailure);
      return OUTCOME.replaced;
    } finally {
      if (old !== undefined) system().closeFile(old);
    }
  }

  /** Leaves a file whose content is right in its place, with its metadata put right; undefined when that would change other names, too. */
  #keep(fd: number, { entry, owner }: Job, onFailure: MetadataFailureListener): number | undefined {
    const stat = this.#stat;
    system().statFile(fd, stat);
    const target = fileTarget(fd);
    const present = presentMetadata(stat, !this.#settings.keepXattrs);
    if (!metadataDiffers(target, entry, owner, present)) return OUTCOME.unchanged;
    if (stat.nlink !== 1) return undefined;
    if (!this.#settings.dryRun) applyMetadata(target, entry, owner, present, onFailure);
    return OUTCOME.metadata;
  }

  async #complete(job: Job, old: number | undefined, onFailure: MetadataFailureListener): Promise<void> {
    const content = job.entry.content as NonNullable<Entry['content']>;
    using file = this.#createFile(job);
    await this.#content.write(file.fd, content, this.#base(old, file.fd));
    if (this.#settings.verify) assertRight(await this.#content.matches(file.fd, content));
    if (this.#settings.keepXattrs && old !== undefined) copyXattrs(old, file.fd, onFailure);
    this.#finish(job, file, onFailure);
  }

  #createFile({ directory, entry }: Job): TemporaryFile {
    return new TemporaryFile(directory, this.#temporaryName, creationMode(entry));
  }

  /** Gives a file whose content is complete its metadata and its name. The commit point is the rename. */
  #finish({ directory, entry, owner, inherits }: Job, file: TemporaryFile, onFailure: MetadataFailureListener): void {
    const present = {
      owner: this.#ownerOfNew(directory, file.fd),
      mode: inherits ? undefined : creationMode(entry),
      mtime: undefined,
      mayHaveXattrs: inherits && !this.#settings.keepXattrs,
    };
    applyMetadata(fileTarget(file.fd), entry, owner, present, onFailure);
    file.putInPlace(entry.name);
  }

  /** The user and the directory decide on it, so one file tells for all that this thread makes there. */
  #ownerOfNew({ handle }: Directory, fd: number): LocalOwner {
    let owner = this.#ownersOfNew.get(handle);
    if (owner === undefined) {
      system().statFile(fd, this.#stat);
      owner = { uid: this.#stat.uid, gid: this.#stat.gid };
      this.#ownersOfNew.set(handle, owner);
    }
    return owner;
  }

  #base(old: number | undefined, fd: number): { readonly fd: number; readonly cloned: boolean } | undefined {
    if (old === undefined) return undefined;
    system().statFile(old, this.#stat);
    if (this.#stat.size < BASE_BYTES) return undefined;
    // Of a clone, what stands in it is looked at: the old file may change meanwhile.
    const cloned = system().cloneFile(old, fd);
    return { fd: cloned ? fd : old, cloned };
  }
}

/** What became of the files of a batch. */
class Results implements RestoreBatchResult {
  readonly outcomes: Uint8Array;
  readonly failures: ItemFailure[] = [];
  bytes = 0;
  readonly #isSettled: Uint8Array;

  constructor(count: number) {
    this.outcomes = new Uint8Array(count);
    this.#isSettled = new Uint8Array(count);
  }

  isSettled({ item }: Job): boolean {
    return this.#isSettled[item] === 1;
  }

  settle({ item, entry }: Job, outcome: number): void {
    this.#isSettled[item] = 1;
    this.outcomes[item] = outcome;
    this.bytes += entry.content?.size ?? 0;
  }

  /** Throws what is no error of this one file. */
  fail({ item }: Job, error: unknown): void {
    if (!(error instanceof VarveError)) throw error;
    this.#isSettled[item] = 1;
    this.failures.push({ item, code: error.code, message: error.message });
  }

  listenerFor({ item }: Job): MetadataFailureListener {
    return (what, error) => this.failures.push({ item, code: error.code, message: `its ${what} could not be restored: ${error.message}` });
  }
}

function assertRight(isRight: boolean): void {
  if (isRight) return;
  throw new VarveError('VERIFY', 'what was read back is not what was written', {
    advice: 'Check the disk of the target; the file was not put in place.',
  });
}

/** Attributes cannot be set on what may not be written. */
function creationMode({ mode, xattrs }: Entry): number {
  return (mode & 0o777) | (xattrs === undefined ? 0 : 0o200);
}

function decodeBatch(batch: RestoreBatch): Job[] {
  const reader = new CborReader(batch.entries, 'entry');
  const opened = new Map<DirectoryHandle, Directory>();
  return batch.directories.map((handle, item) => {
    const owner = { uid: batch.owners[2 * item] as number, gid: batch.owners[2 * item + 1] as number };
    const entry = readEntry(reader, reader.byteName(MAX_NAME_BYTES), owner);
    const directory = opened.get(handle) ?? system().directoryFromHandle(handle);
    opened.set(handle, directory);
    return { item, directory, task: batch.tasks[item] as Job['task'], entry, owner, inherits: batch.inheriting[item] as boolean };
  });
}

/** Undefined when there is no file of that name that can be read. */
function openIfFile(directory: Directory, name: ByteName, stat: Stat): number | undefined {
  let fd: number;
  try {
    fd = directory.openFile(name, 'read');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ELOOP', 'ENXIO', 'EACCES')) return undefined;
    throw error;
  }
  let isFile = false;
  try {
    system().statFile(fd, stat);
    isFile = stat.kind === 'file';
  } finally {
    if (!isFile) system().closeFile(fd);
  }
  return isFile ? fd : undefined;
}
