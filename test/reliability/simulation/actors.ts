import { Worker } from 'node:worker_threads';
import type { Random } from '../../support/random.ts';
import { allocateTurns, Scheduler, type TurnMemory } from './turns.ts';
import type { ActorData, Done, Work } from './work.ts';

/** The chance, at each turn, that a thread that has nothing to do begins its next work. */
const BEGINNING = 0.01;

/** What is to be done by a number of threads, by each one thing after the other, in an order of system calls that a seed decides. */
export class Actors {
  readonly #folder: string;
  readonly #turns: TurnMemory;
  readonly #scheduler: Scheduler;
  readonly #workers: Worker[] = [];

  private constructor(threads: number, folder: string) {
    this.#folder = folder;
    this.#turns = allocateTurns(threads);
    this.#scheduler = new Scheduler(this.#turns);
  }

  static async start(threads: number, folder: string): Promise<Actors> {
    const actors = new Actors(threads, folder);
    await Promise.all(Array.from({ length: threads }, (_, thread) => actors.#start(thread)));
    return actors;
  }

  /**
   * Has each thread do one work after the other, as `works` give them, until they give none. `staying` is the chance that a turn is of the same thread as the one before; `killing` the chance that whose turn it is dies, as if by kill -9,
   * and goes on with its next work. Returns what was done, in the order of its end; work that was killed is not in it.
   */
  async run(
    works: readonly (() => Work | undefined)[],
    random: Random,
    { killing, staying }: { readonly killing: number; readonly staying: number },
  ): Promise<{ done: { work: Work; done: Done }[]; turns: number; kills: number }> {
    const current: (Work | undefined)[] = works.map(() => undefined);
    const done: { work: Work; done: Done }[] = [];
    let thread = -1;
    let turns = 0;
    let kills = 0;
    for (;;) {
      const everyoneSleeps = this.#scheduler.waiting().length === 0;
      for (const [one, next] of works.entries()) {
        const work = current[one] === undefined && (everyoneSleeps || random.chance(BEGINNING)) ? next() : undefined;
        if (work !== undefined) this.#give(one, work, current, done);
      }
      const waiting = this.#scheduler.waiting();
      if (waiting.length === 0) return { done, turns, kills };
      if (!waiting.includes(thread) || !random.chance(staying)) thread = random.pick(waiting);
      turns++;
      if (random.chance(killing)) {
        kills++;
        await this.#workers[thread]?.terminate();
        this.#scheduler.forget(thread);
        current[thread] = undefined;
        await this.#start(thread);
      } else {
        this.#scheduler.give(thread);
        this.#scheduler.waiting();
        // The end of a work is heard of before the next turn is given, or chance would decide when the next begins.
        while (current[thread] !== undefined && this.#scheduler.isIdle(thread)) await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #give(thread: number, work: Work, current: (Work | undefined)[], done: { work: Work; done: Done }[]): void {
    current[thread] = work;
    const worker = this.#workers[thread] as Worker;
    worker.removeAllListeners('message');
    worker.once('message', (message: Done) => {
      done.push({ work, done: message });
      current[thread] = undefined;
    });
    this.#scheduler.begin(thread);
    worker.postMessage(work);
  }

  async #start(thread: number): Promise<void> {
    const data: ActorData = { turns: this.#turns, thread, folder: this.#folder };
    const worker = new Worker(new URL('./actor-worker.ts', import.meta.url), { workerData: data });
    this.#workers[thread] = worker;
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  }
}
