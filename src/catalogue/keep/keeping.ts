import { VarveError } from '../../base/errors.ts';
import { rebuildError, type ThreadFailure } from '../../base/thread-failure.ts';
import { wallNs } from '../../sys/clock.ts';
import type { NodeId } from '../types.ts';
import type { FailureRows } from '../write/failures.ts';
import type { Writer } from '../write/writer.ts';
import type { ContentRows } from './content-rows.ts';
import { FailedReads } from './failed-reads.ts';
import { type AskedFile, type FileBatch, FileBatches, type FileBatchesParts } from './file-batches.ts';
import type { DueFiles, HashQueue } from './hash-queue.ts';
import { HashedFiles } from './hashed-files.ts';
import type { Keepers } from './keepers.ts';
import type { ReleasedRows } from './released-rows.ts';
import { StoreOutage } from './store-outage.ts';
import type { FileAnswer, LiveFile } from './types.ts';

/** A file that is not found so often, while it is a node, is given up until everything was compared again. */
const MOST_MISSES = 5;
/** Who waits for everything waits for what changes meanwhile so long. */
const LATECOMERS_MS = 5000;
/** The longest sleep; a change wakes it. */
const IDLE_MS = 60_000;

export interface KeepingParts extends Pick<FileBatchesParts, 'paths' | 'hash' | 'flagsOf'> {
  readonly writer: Writer;
  readonly queue: HashQueue;
  readonly contents: ContentRows;
  readonly released: ReleasedRows;
  readonly failures: FailureRows;
  readonly keepers: Keepers;
  /** Something else has to come first, such as a scan. */
  readonly mayWork: () => boolean;
  /** Nothing can be kept for now, or, without a failure, it can again. */
  readonly onOutage?: (failure: ThreadFailure | undefined) => void;
  /** The pause after the first failure of the store; a few seconds when left out. */
  readonly outagePauseMs?: number;
  /** Before a file that could not be read is tried again for the first time; a minute when left out. */
  readonly failedPauseMs?: number;
  /** It cannot go on. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Brings digests and kept contents into the catalogue: takes files out of the queue, has them read by the keeper, and writes what was found out. A digest becomes known in the transaction in which
 * its content does, and that comes after the store's commit; so whatever the catalogue calls kept is.
 *
 * A store that fails (full, away, damaged) ends nothing: what was in hand goes back into the queue, and after a pause it is tried again, with the store opened anew.
 */
export class Keeping {
  readonly #parts: KeepingParts;
  readonly #hashed: HashedFiles;
  readonly #batches: FileBatches;
  /** How often a file was not found where it was asked for. Those that are no nodes any more are forgotten with each commit. */
  readonly #missed = new Map<NodeId, number>();
  readonly #failed: FailedReads;
  #hasGivenUp = false;
  /** Files are in hand that are no longer in the queue and not under way yet, or are read and not yet written down. */
  #hasInHand = false;
  readonly #abort = new AbortController();
  #underWay = 0;
  /** Files in the batches under way. */
  #asked = 0;
  #isHurried = false;
  /** So many wait for what is read to be written down. */
  #awaiting = 0;
  /** A run that was killed may have left some. */
  #hasReleased = true;
  #wake: (() => void) | undefined;
  /** Something has happened since the loop looked last. */
  #isWoken = false;
  #running: Promise<void> | undefined;
  #hasEnded = false;
  readonly #idleListeners: (() => void)[] = [];
  readonly #outage: StoreOutage;
  /** Files and bytes that were read. */
  files = 0;
  bytes = 0;

  constructor(parts: KeepingParts) {
    const { writer, contents, queue, paths, hash, flagsOf, outagePauseMs, failedPauseMs } = parts;
    this.#parts = parts;
    this.#hashed = new HashedFiles(writer, contents, (id) => queue.add(id, performance.now()));
    this.#batches = new FileBatches({
      ...{ paths, hash, flagsOf },
      onMissed: (id) => this.#miss(id),
      onLink: (link) => this.#hashed.add(link),
    });
    this.#failed = new FailedReads(failedPauseMs);
    this.#outage = new StoreOutage(outagePauseMs);
  }

  start(): void {
    this.#running = this.#run()
      .catch((error) => {
        if (!this.#abort.signal.aborted) this.#parts.onFailure(error);
      })
      .finally(() => {
        this.#hasEnded = true;
        this.#tellListeners();
      });
  }

  /** The content of a file is new, or may have changed. */
  changed(id: NodeId): void {
    this.#parts.queue.add(id, performance.now());
    this.#notify();
  }

  /**
   * A file was not where it was asked for. Either it is gone, and will be no node soon; or a folder above it was moved meanwhile, and is in limbo or elsewhere by now, of which no event says anything of the file
   * itself. So it is asked for again, as long as it is a node. Where that goes on for long, the whole root may be away: then it waits for the next comparison.
   */
  #miss(id: NodeId): void {
    const times = (this.#missed.get(id) ?? 0) + 1;
    this.#missed.delete(id);
    if (!this.#parts.writer.rows.has(id)) return;
    if (times < MOST_MISSES) {
      this.#missed.set(id, times);
      this.#parts.queue.add(id, performance.now());
    } else this.#hasGivenUp = true;
  }

  /** Whether files were given up that were not found, since this was asked last. */
  takeGivenUp(): boolean {
    const had = this.#hasGivenUp;
    this.#hasGivenUp = false;
    return had;
  }

  /** There may be files that nobody has read yet, or whose content is wanted by now. */
  startBacklog(): void {
    this.#parts.queue.startBacklog(performance.now());
    this.#notify();
  }

  /** Contents were released. */
  release(): void {
    this.#hasReleased = true;
    this.#notify();
  }

  /** To be called when `mayWork` may have another answer. */
  goOn(): void {
    this.#notify();
  }

  /** Changed files that wait until they are quiet, and files in hand. */
  get waiting(): number {
    return this.#parts.queue.changed + this.#asked + this.#hashed.count;
  }

  get hasBacklog(): boolean {
    return this.#parts.queue.hasBacklog;
  }

  /** Whether everything that is to be read was, and is written down. */
  get isIdle(): boolean {
    return this.#parts.queue.changed === 0 && this.#isCaughtUp;
  }

  /** The same but for files that have changed since somebody began to wait. */
  get #isCaughtUp(): boolean {
    const { queue } = this.#parts;
    return !queue.hasHurried && !queue.hasBacklog && this.#underWay === 0 && this.#hashed.count === 0 && !this.#hasInHand;
  }

  /** Why nothing can be kept for now: the store has failed, and since then nothing was made durable in it, nor was it found to be there with nothing left to keep. */
  get outage(): ThreadFailure | undefined {
    return this.#outage.failure;
  }

  /**
   * As `catchUp`, and waits besides until nothing is left that has changed meanwhile, which is read without waiting for it to become quiet. Not for longer than five seconds: a file that is written
   * all the time is left, and is read by the next start.
   */
  async finish(): Promise<void> {
    await this.catchUp();
    const endMs = performance.now() + LATECOMERS_MS;
    this.#isHurried = true;
    try {
      await this.#until(() => this.isIdle || performance.now() > endMs);
    } finally {
      this.#isHurried = false;
    }
  }

  /** Resolves when every file was read that has to be by now. What changes meanwhile is read when it is quiet, and not waited for, or there might be no end. Rejects when the store fails, and when it is closed before. */
  async catchUp(): Promise<void> {
    this.#parts.queue.hurry();
    await this.#until(() => this.#isCaughtUp);
  }

  async #until(isReached: () => boolean): Promise<void> {
    this.#awaiting++;
    this.#notify();
    try {
      while (!isReached()) {
        if (this.outage !== undefined) throw rebuildError(this.outage);
        if (this.#hasEnded) throw new VarveError('CATALOGUE_CLOSED', 'the catalogue was closed before everything was read');
        await new Promise<void>((resolve) => this.#idleListeners.push(resolve));
      }
    } finally {
      this.#awaiting--;
    }
  }

  /** Gives up what is under way; what was read and not committed is read again by the next start. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#notify();
    await this.#running;
    await this.#parts.keepers.close();
    this.#tellListeners();
  }

  async #run(): Promise<void> {
    const { queue, keepers } = this.#parts;
    while (!this.#abort.signal.aborted) {
      if (this.#outage.hasFailed) await this.#startPause();
      this.#isWoken = false;
      this.#hasInHand = true;
      this.#tryFailed();
      const due = this.#mayRead() ? queue.next(performance.now(), this.#isHurried) : NONE;
      for (const batch of this.#batches.of(due)) {
        if (!(await this.#try(due.nodes, () => keepers.ready(batch.files, batch.bytes)))) break;
        if (this.#abort.signal.aborted) return;
        this.#ask(batch);
        if (this.#isCommitDue()) await this.#commit();
      }
      if (this.#outage.hasFailed || due.nodes.length > 0 || (queue.hasBacklog && this.#mayRead())) continue;
      if (this.#isCommitDue() || (this.#awaiting > 0 && this.#underWay === 0)) await this.#commit();
      if (this.#underWay === 0) await this.#release();
      this.#hasInHand = false;
      if (this.isIdle) await this.#rest();
      if (this.#outage.hasFailed) continue;
      this.#tellListeners();
      await this.#sleep();
    }
  }

  /** Has files read again that could not be read a while ago. */
  #tryFailed(): void {
    if (!this.#mayRead()) return;
    const { queue, writer } = this.#parts;
    const now = performance.now();
    for (const id of this.#failed.takeDue(now))
      if (writer.rows.has(id)) queue.add(id, now);
      else this.#failed.delete(id);
  }

  /** There is nothing to do for now. Whether a store that has failed is there again, then nobody else would find out. */
  async #rest(): Promise<void> {
    const { keepers } = this.#parts;
    keepers.rest();
    if (this.outage !== undefined && !this.#isPausing && (await this.#try([], () => keepers.probe()))) this.#endOutage();
  }

  #tellListeners(): void {
    for (const listener of this.#idleListeners.splice(0)) listener();
  }

  /** Does what may fail with the store: then these nodes are asked for again, and it is undefined. Once something has failed, nothing is done before the store was opened anew. */
  async #try<T>(nodes: readonly { readonly id: NodeId }[], work: () => Promise<T>): Promise<{ readonly done: T } | undefined> {
    try {
      if (!this.#outage.hasFailed) return { done: await work() };
    } catch (error) {
      if (this.#abort.signal.aborted) return undefined;
      this.#outage.fail(error);
    }
    for (const { id } of nodes) this.#parts.queue.add(id, performance.now());
    return undefined;
  }

  /** The store has failed: gives up what was not made durable, and has it opened anew when it is tried again. */
  async #startPause(): Promise<void> {
    this.#hasInHand = true;
    await this.#parts.keepers.reset();
    // What was under way has failed by now, or will never be durable.
    while (this.#underWay > 0) await new Promise<void>((resolve) => this.#onWake(resolve));
    for (const { id } of this.#hashed.giveUp()) this.#parts.queue.add(id, performance.now());
    this.#hasInHand = false;
    this.#outage.pause(performance.now());
    this.#parts.onOutage?.(this.outage);
    this.#tellListeners();
  }

  /** Something was made durable in the store, or it was found to be there. */
  #endOutage(): void {
    if (this.outage === undefined || this.#outage.hasFailed) return;
    this.#outage.end(performance.now());
    this.#parts.onOutage?.(undefined);
  }

  get #isPausing(): boolean {
    return this.#outage.leftMs(performance.now()) > 0;
  }

  #mayRead(): boolean {
    return this.#parts.mayWork() && !this.#isPausing;
  }

  /** Until something may have to be done. */
  async #sleep(): Promise<void> {
    const { queue, mayWork } = this.#parts;
    const now = performance.now();
    const due = this.#outage.leftMs(now) || ((mayWork() ? queue.dueIn(now) : undefined) ?? IDLE_MS);
    const waitMs = Math.min(due, this.#hashed.dueInMs(now) ?? due, (this.#mayRead() ? this.#failed.dueInMs(now) : undefined) ?? due);
    // What happened while the loop was not asleep has woken nobody.
    if (waitMs <= 0 || this.#isWoken || this.#abort.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#onWake(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#wake = undefined;
  }

  #onWake(listener: () => void): void {
    this.#wake = listener;
  }

  #notify(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  #ask({ nodes, files, bytes }: FileBatch): void {
    this.#underWay++;
    this.#asked += files.length;
    this.#read(nodes, files, bytes)
      .catch((error) => {
        if (!this.#abort.signal.aborted) this.#parts.onFailure(error);
      })
      .finally(() => {
        this.#underWay--;
        this.#asked -= files.length;
        this.#notify();
      });
  }

  async #read(nodes: readonly AskedFile[], files: readonly LiveFile[], bytes: number): Promise<void> {
    const answered = await this.#try(nodes, () => this.#parts.keepers.hash(files, bytes, this.#abort.signal));
    const answers: readonly FileAnswer[] = answered?.done ?? [];
    for (const [at, answer] of answers.entries()) this.#take(nodes[at] as AskedFile, files[at] as LiveFile, answer);
  }

  #take({ id, parent }: AskedFile, { name, signature }: LiveFile, answer: FileAnswer): void {
    const { failures, queue, writer } = this.#parts;
    this.files++;
    if (answer.kind !== 'unreadable') this.#failed.delete(id);
    if (answer.kind === 'vanished') return this.#miss(id);
    this.#missed.delete(id);
    if (answer.kind === 'hashed') {
      const { digest, size, ref } = answer;
      this.bytes += size;
      this.#hashed.add({ id, signature, digest, content: ref && { digest, size, ref } });
      if (failures.has(parent)) writer.transact(() => failures.read(parent, name));
    } else if (answer.kind === 'changed') queue.add(id, performance.now());
    else if (answer.kind === 'unreadable') {
      const { code, call } = answer;
      if (!this.#failed.note(id, performance.now())) this.#hasGivenUp = true;
      writer.transact(() => failures.note(parent, name, { code, call }, wallNs()));
    }
  }

  #isCommitDue(): boolean {
    const dueMs = this.#hashed.dueInMs(performance.now());
    return dueMs !== undefined && dueMs <= 0;
  }

  async #commit(): Promise<void> {
    if (this.#hashed.count === 0) return;
    await this.#hashed.commit(async () => {
      const committed = await this.#try([], () => this.#parts.keepers.commit());
      if (committed !== undefined && committed.done.length > 0) this.#endOutage();
      return committed?.done;
    });
    for (const id of this.#missed.keys()) if (!this.#parts.writer.rows.has(id)) this.#missed.delete(id);
  }

  /**
   * Lets the store have what rotation has released. Only while nothing is under way: what is entered in the archive of versions and not yet written down here could be taken out
   * of it again, and be called kept.
   */
  async #release(): Promise<void> {
    const { keepers, released, writer } = this.#parts;
    while (this.#hasReleased && this.#hashed.count === 0 && !this.#isPausing && !this.#abort.signal.aborted) {
      const digests = writer.transact(() => released.take(RELEASED_AT_ONCE));
      this.#hasReleased = digests.length > 0;
      if (digests.length === 0) return;
      if (!(await this.#try([], () => keepers.release(digests)))) return;
      writer.transact(() => released.done(digests));
    }
  }
}

const NONE: DueFiles = { nodes: [], haveChanged: false };
/** Rows of one transaction: some milliseconds; and entries of one change of the archive. */
const RELEASED_AT_ONCE = 1000;
