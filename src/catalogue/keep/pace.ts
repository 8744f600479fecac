import { VarveError } from '../../base/errors.ts';
import { turnEventLoop } from '../../base/event-loop.ts';
import type { Throttle } from './throttle.ts';

/** Bytes after which others in the thread get their turn: those who ask for a flush, while a large file is read. */
const BYTES_A_TURN = 8 << 20;

const STOPPED = 'STOPPED';

/** Nobody wants the answer any more. */
export class StoppedError extends VarveError {
  constructor() {
    super(STOPPED, 'the batch was given up');
  }
}

/** Whether an error is that, be it from another thread. */
export function isStopped(error: unknown): boolean {
  return error instanceof VarveError && error.code === STOPPED;
}

/** Lets one batch go on as fast as it may, and no further than it is wanted. Called after each read. */
export class Pace {
  readonly #throttle: Throttle;
  readonly #stop: Int32Array<SharedArrayBuffer>;
  #sinceTurn = 0;

  constructor(throttle: Throttle, stop: SharedArrayBuffer) {
    this.#throttle = throttle;
    this.#stop = new Int32Array(stop);
  }

  /** Throws StoppedError when it is. */
  check(): void {
    if (Atomics.load(this.#stop, 0) !== 0) throw new StoppedError();
  }

  /** So many bytes were read; undefined when the next may be at once. Rejects, or throws, with StoppedError. */
  read(bytes: number): Promise<void> | undefined {
    const waitMs = this.#throttle.spend(bytes);
    return waitMs > 0 ? this.#wait(waitMs) : this.worked(bytes);
  }

  /** The same for bytes that came from no disk. */
  worked(bytes: number): Promise<void> | undefined {
    this.check();
    this.#sinceTurn += bytes;
    if (this.#sinceTurn < BYTES_A_TURN) return undefined;
    this.#sinceTurn = 0;
    return turnEventLoop();
  }

  async #wait(milliseconds: number): Promise<void> {
    await Atomics.waitAsync(this.#stop, 0, 0, milliseconds).value;
    this.check();
  }
}
