/**
 * Turns of threads that must not run at the same time: each waits before every call that touches the disk until it is given the next turn. So a seed decides in what
 * order all their system calls happen, and the same seed gives the same order again.
 *
 * The memory: per thread one state; behind them a counter that moves with each change of a state, for the one who gives turns.
 */
export type TurnMemory = SharedArrayBuffer;

const RUNNING = 0;
const WAITING = 1;
const IDLE = 2;

export function allocateTurns(threads: number): TurnMemory {
  const memory = new SharedArrayBuffer((threads + 1) * 4);
  new Int32Array(memory).fill(IDLE, 0, threads);
  return memory;
}

/** The side of a thread. */
export class Turn {
  readonly #states: Int32Array;
  readonly #thread: number;

  constructor(memory: TurnMemory, thread: number) {
    this.#states = new Int32Array(memory);
    this.#thread = thread;
  }

  /** Blocks until it is this thread's turn. */
  await(): void {
    this.#change(WAITING);
    Atomics.wait(this.#states, this.#thread, WAITING);
  }

  /** There is nothing more to do for now. */
  end(): void {
    this.#change(IDLE);
  }

  #change(state: number): void {
    Atomics.store(this.#states, this.#thread, state);
    Atomics.add(this.#states, this.#states.length - 1, 1);
    Atomics.notify(this.#states, this.#states.length - 1);
  }
}

/** The side of the one who gives turns. It blocks its own thread. */
export class Scheduler {
  readonly #states: Int32Array;

  constructor(memory: TurnMemory) {
    this.#states = new Int32Array(memory);
  }

  /** To be called before a thread is told of its work, so that it counts as running from then on. */
  begin(thread: number): void {
    Atomics.store(this.#states, thread, RUNNING);
  }

  /** Waits until nobody runs; the threads that wait for a turn. */
  waiting(): number[] {
    const last = this.#states.length - 1;
    for (;;) {
      const seen = Atomics.load(this.#states, last);
      const states = Array.from({ length: last }, (_, thread) => Atomics.load(this.#states, thread));
      if (!states.includes(RUNNING)) return states.flatMap((state, thread) => (state === WAITING ? [thread] : []));
      if (Atomics.wait(this.#states, last, seen, 60_000) === 'timed-out') throw new Error(`a thread runs for ever: ${states.join()}`);
    }
  }

  give(thread: number): void {
    Atomics.store(this.#states, thread, RUNNING);
    Atomics.notify(this.#states, thread);
  }

  isIdle(thread: number): boolean {
    return Atomics.load(this.#states, thread) === IDLE;
  }

  /** A thread was ended while it waited. */
  forget(thread: number): void {
    Atomics.store(this.#states, thread, IDLE);
  }
}
