import { CborReader } from '../../base/cbor-reader.ts';
import { FormatError, hasErrno, VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { readEntry } from '../entry-decoder.ts';
import type { Entry } from '../types.ts';
import { ContentWriter } from './content-writer.ts';
import { type ItemFailure, OUTCOME, type RestoreBatch, type RestoreBatchResult, type RestoreSettings } from './messages.ts';
import { applyMetadata, fileTarget, type LocalOwner, type MetadataFailureListener, metadataDiffers, presentMetadata } from './metadata.ts';
import { temporaryName } from './temporary-name.ts';

/** Old versions of files from this size on are looked through for blocks that are right already. */
const BASE_BYTES = 1 << 20;

interface Job {
  readonly directory: Directory;
  readonly name: ByteName;
  readonly task: RestoreBatch['tasks'][number];
  readonly entry: Entry;
  readonly owner: LocalOwner;
  readonly inherits: boolean;
  /** The content, when it is one block and was fetched with those of the other files. */
  fetched: Uint8Array | undefined;
}

/** Restores files (T12): each is completed under a temporary name and renamed, so that its name always stands for a whole file, old or new. */
export class FileRestorer {
  readonly #store: Store;
  readonly #settings: RestoreSettings;
  readonly #content: ContentWriter;
  readonly #stat = new Stat();

  constructor(store: Store, settings: RestoreSettings) {
    this.#store = store;
    this.#settings = settings;
    this.#content = new ContentWriter(store);
  }

  async restore(batch: RestoreBatch): Promise<RestoreBatchResult> {
    const jobs = decodeBatch(batch);
    await this.#prefetch(jobs);
    const outcomes = new Uint8Array(jobs.length);
    const failures: ItemFailure[] = [];
    let bytes = 0;
    for (const [item, job] of jobs.entries()) {
      try {
        outcomes[item] = await this.#restoreFile(job, (what, error) => {
          failures.push({ item, code: error.code, message: `its ${what} could not be restored: ${error.message}` });
        });
        bytes += job.entry.content?.size ?? 0;
      } catch (error) {
        if (!(error instanceof VarveError)) throw error;
        failures.push({ item, code: error.code, message: error.message });
      }
    }
    return { outcomes, failures, bytes };
  }

  /** Blocks of small files are fetched together, in the order that suits the store. A batch's contents were bounded by its maker. */
  async #prefetch(jobs: readonly Job[]): Promise<void> {
    if (this.#settings.dryRun) return;
    const wanted = jobs.filter(({ task, entry }) => task === 'create' && entry.content?.kind === 'block');
    const digests = wanted.map(({ entry }) => (entry.content as { digest: Digest }).digest);
    try {
      const blocks = await this.#store.getBatch(digests);
      wanted.forEach((job, i) => {
        job.fetched = blocks[i];
      });
    } catch (error) {
      // One of them is missing or damaged: each file finds out for itself.
      if (!(error instanceof VarveError)) throw error;
    }
  }

  async #restoreFile(job: Job, onFailure: MetadataFailureListener): Promise<number> {
    const { directory, name, task, entry } = job;
    if (entry.content === undefined) throw new FormatError('entry', 'a file without content');
    if (task === 'create') {
      if (!this.#settings.dryRun) await this.#complete(job, undefined, onFailure);
      return OUTCOME.created;
    }
    const old = openIfFile(directory, name, this.#stat);
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
    const present = presentMetadata(stat, true);
    if (!metadataDiffers(target, entry, owner, present)) return OUTCOME.unchanged;
    if (stat.nlink !== 1) return undefined;
    if (!this.#settings.dryRun) applyMetadata(target, entry, owner, present, onFailure);
    return OUTCOME.metadata;
  }

  /** Makes the file under a temporary name, and renames it. The commit point is the rename. */
  async #complete(job: Job, old: number | undefined, onFailure: MetadataFailureListener): Promise<void> {
    const { directory, name, entry, owner, inherits, fetched } = job;
    const sys = system();
    // Attributes cannot be set on what may not be written.
    const mode = (entry.mode & 0o777) | (entry.xattrs === undefined ? 0 : 0o200);
    const fd = createTemporary(directory, temporaryName, mode);
    try {
      const content = entry.content as NonNullable<Entry['content']>;
      if (fetched !== undefined) this.#content.writeWhole(fd, content, fetched);
      else await this.#content.write(fd, content, this.#base(old, fd));
      if (this.#settings.verify && !(await this.#content.matches(fd, content))) {
        throw new VarveError('VERIFY', 'what was read back is not what was written', {
          advice: 'Check the disk of the target; the file was not put in place.',
        });
      }
      const present = { owner: undefined, mode: inherits ? undefined : mode, mtime: undefined, mayHaveXattrs: inherits };
      applyMetadata(fileTarget(fd), entry, owner, present, onFailure);
      directory.rename(temporaryName, directory, name);
    } catch (error) {
      directory.remove(temporaryName);
      throw error;
    } finally {
      sys.closeFile(fd);
    }
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

function decodeBatch(batch: RestoreBatch): Job[] {
  let start = 0;
  return batch.names.map((name, i) => {
    const end = batch.ends[i] as number;
    const owner = { uid: batch.owners[2 * i] as number, gid: batch.owners[2 * i + 1] as number };
    const entry = readEntry(new CborReader(batch.entries.subarray(start, end), 'entry'), name, owner);
    start = end;
    const directory = system().directoryFromHandle(batch.directories[i] as number);
    return {
      directory,
      name,
      task: batch.tasks[i] as Job['task'],
      entry,
      owner,
      inherits: batch.inheriting[i] as boolean,
      fetched: undefined,
    };
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
  system().statFile(fd, stat);
  if (stat.kind === 'file') return fd;
  system().closeFile(fd);
  return undefined;
}

/** A temporary name that a killed process of the same number left is taken over. */
function createTemporary(directory: Directory, name: ByteName, mode: number): number {
  try {
    return directory.openFile(name, 'createExclusive', mode);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    directory.remove(name);
    return directory.openFile(name, 'createExclusive', mode);
  }
}
