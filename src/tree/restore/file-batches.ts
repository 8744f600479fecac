import { CborWriter } from '../../base/cbor-writer.ts';
import type { DirectoryHandle } from '../../sys/types.ts';
import { writeEntry } from '../entry-encoder.ts';
import type { Entry } from '../types.ts';
import type { FileTask, ItemFailure } from './messages.ts';
import type { LocalOwner } from './metadata.ts';
import type { RestorePool } from './pool.ts';
import { TargetDirectory } from './target-directory.ts';

/**
 * A request carries about so much: the more, the fewer records are decompressed by two threads because a batch ends in them. The first ones are smaller, so that threads
 * have something to do soon.
 */
const FIRST_BATCH_FILES = 32;
const BATCH_FILES = 512;
const BATCH_BYTES = 2 << 20;

export interface FileJob {
  readonly parent: TargetDirectory;
  readonly entry: Entry;
  readonly task: FileTask;
  readonly owner: LocalOwner;
}

/** Told of each file: what became of it, and what failed. */
export type FileListener = (job: FileJob, outcome: number, failures: readonly ItemFailure[]) => void;

/** Gathers files into batches for the pool. The files' directories stay open until their results were heard. */
export class FileBatches {
  readonly #pool: RestorePool;
  readonly #listener: FileListener;
  #jobs: FileJob[] = [];
  #bytes = 0;
  #batchFiles = FIRST_BATCH_FILES;
  readonly #entries = new CborWriter();
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(pool: RestorePool, listener: FileListener) {
    this.#pool = pool;
    this.#listener = listener;
  }

  add(job: FileJob): void {
    job.parent.retain();
    this.#jobs.push(job);
    this.#entries.byteName(job.entry.name);
    writeEntry(this.#entries, job.entry);
    this.#bytes += job.entry.content?.size ?? 0;
    if (this.#jobs.length >= this.#batchFiles || this.#bytes >= BATCH_BYTES) this.send();
  }

  send(): void {
    const jobs = this.#jobs;
    if (jobs.length === 0) return;
    const owners = new Float64Array(jobs.length * 2);
    jobs.forEach(({ owner }, i) => {
      owners[2 * i] = owner.uid;
      owners[2 * i + 1] = owner.gid;
    });
    const batch = {
      directories: jobs.map(({ parent }) => parent.directory?.handle as DirectoryHandle),
      tasks: jobs.map(({ task }) => task),
      entries: this.#entries.copy(),
      inheriting: jobs.map(({ parent }) => parent.inherits),
      owners,
      bytes: this.#bytes,
    };
    this.#jobs = [];
    this.#bytes = 0;
    this.#entries.clear();
    this.#batchFiles = Math.min(BATCH_FILES, 2 * this.#batchFiles);
    const work = this.#pool
      .restore(batch)
      .then(({ outcomes, failures }) => {
        const byItem = Map.groupBy(failures, ({ item }) => item);
        for (const [i, job] of jobs.entries()) {
          this.#listener(job, outcomes[i] as number, byItem.get(i) ?? []);
          job.parent.release();
        }
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  /** Has files restored until no more than so many directories are held open for those that wait. */
  async boundOpenDirectories(most: number): Promise<void> {
    while (TargetDirectory.openCount > most && this.#failure === undefined) {
      this.send();
      if (this.#underWay.size === 0) return;
      await Promise.race(this.#underWay);
    }
  }

  /** Throws what has failed as a whole; single files are told to the listener. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async finish(): Promise<void> {
    this.send();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.check();
  }
}
