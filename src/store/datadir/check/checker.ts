import os from 'node:os';
import { WorkerPool } from '../../../base/worker-pool.ts';
import type { HashAlgorithm } from '../../../hash/types.ts';
import type { CheckReply, CheckRequest } from './messages.ts';
import { checkRecords } from './record-check.ts';

/** A request carries about so many bytes of records. */
const REQUEST_BYTES = 8 << 20;
/** Less than this is checked sooner than threads are started. */
const WORTH_THREADS_BYTES = 4 << 20;

/** Has records checked by threads, or where there are few, by this one. */
export class RecordChecker {
  readonly #hash: HashAlgorithm;
  readonly #pool: WorkerPool<CheckRequest, CheckReply> | undefined;
  readonly #onReply: (file: string, reply: CheckReply) => void;
  #records: { offset: number; bytes: number }[] = [];
  #bytes = 0;
  #paths: readonly string[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(hash: HashAlgorithm, totalBytes: number, threads: number | undefined, onReply: (file: string, reply: CheckReply) => void) {
    this.#hash = hash;
    this.#onReply = onReply;
    const count = threads ?? os.availableParallelism();
    if (count === 0 || totalBytes < WORTH_THREADS_BYTES) return;
    const url = new URL(`./check-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const own = { handle: async (request: CheckRequest) => checkRecords(request, hash), takes: () => true };
    this.#pool = new WorkerPool(count, url, { hash: hash.name }, own);
  }

  /** A record of the segment that has one of these names. */
  async add(paths: readonly string[], offset: number, bytes: number): Promise<void> {
    if (paths[0] !== this.#paths[0] || this.#bytes >= REQUEST_BYTES) await this.#send();
    this.#paths = paths;
    this.#records.push({ offset, bytes });
    this.#bytes += bytes;
  }

  /** Has `action` called when everything that was added up to now was checked; not when that fails. */
  async afterThese(action: () => void): Promise<void> {
    await this.#send();
    void Promise.all(this.#underWay).then(action, () => undefined);
  }

  async finish(): Promise<void> {
    await this.#send();
    await Promise.all(this.#underWay);
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #send(): Promise<void> {
    if (this.#records.length === 0) return;
    const request = { paths: this.#paths, records: this.#records };
    const file = this.#paths[0] as string;
    this.#records = [];
    this.#bytes = 0;
    if (this.#pool === undefined) {
      this.#onReply(file, checkRecords(request, this.#hash));
      return;
    }
    await this.#pool.ready();
    const work = this.#pool.request(request).then((reply) => {
      this.#onReply(file, reply);
      this.#underWay.delete(work);
    });
    // Its failure is thrown when everything is waited for; when something else fails first, it tells nothing new.
    work.catch(() => undefined);
    this.#underWay.add(work);
  }
}
