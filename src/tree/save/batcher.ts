import { type ByteName, showName } from '../../base/names.ts';
import { SIGNATURE_BYTES, type Stat } from '../../sys/stat.ts';
import type { DirectoryHandle } from '../../sys/types.ts';
import type { Assembly } from './assembly.ts';
import type { FileBatchResult } from './messages.ts';
import type { Owners } from './owners.ts';
import { isTrusted, unpackResults } from './pack.ts';
import type { PendingDirectory } from './pending-directory.ts';
import type { SavePool } from './pool.ts';
import { SharedHandle } from './shared-handle.ts';
import type { Tally } from './tally.ts';

/** A request carries about so much: enough that messages cost nothing, little enough that all threads finish together. */
const BATCH_FILES = 128;
const BATCH_BYTES = 2 << 20;

/** A file whose content has to be read. */
export interface FileJob {
  readonly directory: PendingDirectory;
  readonly handle: SharedHandle;
  readonly name: ByteName;
  readonly sizeBytes: number;
  readonly identity: Uint8Array | undefined;
}

/** Gathers files to be read into batches for the pool, and hands what comes back to the assembly. */
export class Batcher {
  readonly #pool: SavePool;
  readonly #assembly: Assembly;
  readonly #owners: Owners;
  readonly #tally: Tally;
  #jobs: FileJob[] = [];
  readonly #signatures = new Uint8Array(BATCH_FILES * SIGNATURE_BYTES);
  #bytes = 0;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(pool: SavePool, assembly: Assembly, owners: Owners, tally: Tally) {
    this.#pool = pool;
    this.#assembly = assembly;
    this.#owners = owners;
    this.#tally = tally;
  }

  /** The file's directory must expect it; its handle stays open until the file was read. */
  add(job: FileJob, stat: Stat): void {
    job.handle.retain();
    stat.signature(this.#signatures, this.#jobs.length * SIGNATURE_BYTES);
    this.#jobs.push(job);
    this.#bytes += job.sizeBytes;
    if (this.#jobs.length >= BATCH_FILES || this.#bytes >= BATCH_BYTES) this.send();
  }

  /** Sends what is gathered. */
  send(): void {
    if (this.#jobs.length === 0) return;
    const jobs = this.#jobs;
    const bytes = this.#bytes;
    this.#jobs = [];
    this.#bytes = 0;
    const directories: DirectoryHandle[] = [];
    const names: ByteName[] = [];
    const identities = new Map<number, Uint8Array>();
    for (const [i, { handle, name, identity }] of jobs.entries()) {
      directories.push(handle.directory.handle);
      names.push(name);
      if (identity !== undefined) identities.set(i, identity);
    }
    const signatures = this.#signatures.slice(0, jobs.length * SIGNATURE_BYTES);
    const work = this.#pool.files({ directories, names, signatures, identities, bytes }).then((result) => this.#receive(jobs, result));
    this.#watch(work.finally(() => release(jobs)));
  }

  /** Forgets what is gathered: the save has failed. */
  abandon(): void {
    release(this.#jobs);
    this.#jobs = [];
  }

  /** Counts `work` as under way. */
  #watch(work: Promise<void>): void {
    const watched = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
  }

  /** Also for work that others begin and the save has to wait for. */
  include(work: Promise<void>): void {
    this.#watch(work);
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Resolves when anything that is under way has come to its end; false when nothing is. */
  async settleOne(): Promise<boolean> {
    if (this.#underWay.size === 0) return false;
    await Promise.race(this.#underWay);
    return true;
  }

  /** Has files read until no more than so many directories are held open for those that wait. */
  async boundOpenDirectories(most: number): Promise<void> {
    while (SharedHandle.openCount > most && !this.failed) {
      this.send();
      if (!(await this.settleOne())) return;
    }
  }

  /** Throws what has failed so far. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Sends the rest and waits for everything under way, which may add more. */
  async finish(): Promise<void> {
    for (this.send(); this.#underWay.size > 0; this.send()) await Promise.all(this.#underWay);
    this.check();
  }

  #receive(jobs: readonly FileJob[], result: FileBatchResult): void {
    const settled = new Uint8Array(jobs.length);
    for (const file of unpackResults(result.packed)) {
      const { directory, name, identity } = jobs[file.item] as FileJob;
      settled[file.item] = 1;
      const { signature, encoded, sizeBytes: bytes, torn, uid, gid } = file;
      if (torn) this.#tally.failed(directory.path + name, 'TORN', 'changed each time it was read; saved as it was read last');
      else if (!isTrusted(signature)) this.#tally.doubt(() => directory.path + name);
      this.#tally.done(bytes);
      this.#assembly.add(directory, { name, signature, encoded, files: 1, bytes, identity, owner: this.#owners.of(uid, gid) }, true);
    }
    for (const { item, code, message } of result.errors) {
      const { directory, name } = jobs[item] as FileJob;
      this.#tally.failed(directory.path + name, code, message);
    }
    for (const [i, { directory }] of jobs.entries()) if (settled[i] === 0) this.#assembly.skip(directory);
    this.#tally.readFiles += result.readFiles;
    this.#tally.readBytes += result.readBytes;
    const last = jobs[jobs.length - 1] as FileJob;
    this.#tally.report(() => showName((last.directory.path + last.name) as ByteName));
  }
}

function release(jobs: readonly FileJob[]): void {
  for (const { handle } of jobs) handle.release();
}
