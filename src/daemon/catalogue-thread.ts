import { hasErrno, VarveError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ByteName } from '../base/names.ts';
import { rebuildError } from '../base/thread-failure.ts';
import type { AnswerTo, CatalogueAnswer, CatalogueAsk, CatalogueQuestion, CatalogueThreadData } from './catalogue-messages.ts';
import { SupervisedWorker } from './supervised-worker.ts';

export interface CatalogueThreadOptions {
  readonly data: CatalogueThreadData;
  readonly log: Log;
  /** The thread cannot be kept alive. */
  readonly onLost: (error: Error) => void;
}

type Waiting = PromiseWithResolvers<AnswerTo<CatalogueAsk>>;

/** The catalogue's thread, as the daemon sees it: questions with answers. A question that its thread dies of is rejected; the next one is answered by the next thread. */
export class CatalogueThread {
  readonly #worker: SupervisedWorker<CatalogueThreadData, CatalogueQuestion, CatalogueAnswer>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #log: Log;
  /** To be watched, whether the catalogue knows them or not; none as soon as it knows them. */
  #roots: readonly ByteName[];
  #nextId = 1;
  #isReady = false;
  #isPaused = false;
  #outage: VarveError | undefined;

  constructor({ data, log, onLost }: CatalogueThreadOptions) {
    this.#log = log;
    this.#roots = data.roots;
    this.#ready.promise.catch(() => undefined);
    this.#worker = new SupervisedWorker({
      name: 'catalogue',
      url: new URL(`./catalogue-worker${import.meta.url.slice(-3)}`, import.meta.url),
      start: () => ({ data: { ...data, roots: this.#roots } }),
      onMessage: (message) => this.#receive(message),
      onDeath: (cause, restartInMs) => {
        log.write('error', 'the catalogue thread has died', { cause: cause.message, stack: cause.stack, restartInMs });
        if (this.#passes(cause)) this.#outage = cause;
        this.#rejectAll(cause);
      },
      passes: (cause) => this.#passes(cause),
      onLost: (error) => {
        this.#ready.reject(error);
        this.#rejectAll(error);
        onLost(error);
      },
    });
  }

  /** Why nothing can be observed for now: its disk is full. It is tried again by itself. */
  get outage(): VarveError | undefined {
    return this.#outage;
  }

  get name(): string {
    return this.#worker.name;
  }

  /** Resolves when it has begun its work; rejects when it cannot be started. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  async ask<Ask extends CatalogueAsk>(ask: Ask): Promise<AnswerTo<Ask>> {
    await this.#ready.promise;
    const id = this.#nextId++;
    const waiting: Waiting = Promise.withResolvers();
    this.#waiting.set(id, waiting);
    if (!this.#worker.post({ id, ask })) {
      this.#waiting.delete(id);
      if (this.#outage !== undefined) throw this.#outage;
      throw new VarveError('STARTING', 'the catalogue is being opened again', { advice: 'Try again in a moment.' });
    }
    return waiting.promise as Promise<AnswerTo<Ask>>;
  }

  /** Ends scanning and hashing, or lets them go on; one that is started again knows of it. */
  async pause(isPaused: boolean): Promise<void> {
    await this.ask(isPaused ? 'pause' : 'continue');
    this.#isPaused = isPaused;
  }

  /** Ends the watch of roots. Throws NotARootError. */
  async unwatch(paths: readonly ByteName[]): Promise<void> {
    await this.ask({ unwatch: paths });
  }

  stop(withinMs: number): ReturnType<SupervisedWorker<never, never, never>['stop']> {
    return this.#worker.stop(withinMs);
  }

  #receive(message: CatalogueAnswer): void {
    if (message.type === 'ready') {
      const { watcher, refused } = message;
      this.#log.write('info', 'the catalogue is open', { watcher, refused });
      this.#isReady = true;
      // A thread that is started again watches what the catalogue knows: one of these that lies in another is no root, nor is one that was taken out meanwhile.
      this.#roots = [];
      this.#ready.resolve();
      // When it dies of anything before it has answered, the next one is asked.
      if (this.#isPaused) this.ask('pause').catch(() => undefined);
      return;
    }
    if (message.type === 'observing') {
      this.#outage = undefined;
      return;
    }
    if (message.type === 'problem') {
      this.#log.write('warning', message.problem);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'answer') waiting?.resolve(message.answer);
    else waiting?.reject(rebuildError(message.failure));
  }

  /** Who has only just started it is told at once instead. */
  #passes(cause: Error): cause is VarveError {
    return this.#isReady && cause instanceof VarveError && hasErrno(cause, 'ENOSPC', 'EDQUOT');
  }

  #rejectAll(cause: Error): void {
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }
}
