import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ScanReply } from '../../src/catalogue/scan/messages.ts';
import { PackedReader } from '../../src/sys/packed-entries.ts';

/** What a scanning thread has said, and its way to whoever listens. */
interface Held {
  readonly worker: Worker;
  readonly reply: ScanReply;
  readonly deliver: () => void;
}

/** Hands what scanning threads of this process say to `take` in place of whoever listens to them, until the test ends; one at a time. */
function takeListings(context: TestContext, take: (held: Held) => void): void {
  const { emit } = Worker.prototype;
  Worker.prototype.emit = function (this: Worker, name: string | symbol, ...rest: unknown[]): boolean {
    const deliver = () => Reflect.apply(emit, this, [name, ...rest]) as boolean;
    const [reply] = rest;
    if (name !== 'message' || !isReply(reply)) return deliver();
    take({ worker: this, reply, deliver });
    return true;
  };
  context.after(() => {
    Worker.prototype.emit = emit;
  });
}

/** Has what scanning threads list come late, by so much each time, what each thread says in its order. */
export function delayListings(context: TestContext, delayMs: () => number): void {
  const lines = new WeakMap<Worker, Promise<void>>();
  takeListings(context, ({ worker, deliver }) => {
    const line = (lines.get(worker) ?? Promise.resolve()).then(() => sleep(delayMs())).then(deliver);
    lines.set(worker, line);
  });
}

const LOOK_MS = 5;
const MOST_LOOKS = 3000;

/**
 * Holds back what scanning threads of this process have listed, so that something can be made to happen between a listing and its being taken in. A thread that is held stands still when some batches of it wait: so what it lists next is listed when it is
 * released.
 */
export class HeldListings {
  #held: Held[] = [];
  #isHeld: (reply: ScanReply) => boolean;

  /** Holds the replies for which `isHeld`, and whatever their threads say behind them. */
  constructor(context: TestContext, isHeld: (reply: ScanReply) => boolean) {
    this.#isHeld = isHeld;
    takeListings(context, (held) => this.#take(held));
  }

  /** Waits until so many replies are held. */
  async until(count: number): Promise<void> {
    for (let look = 0; this.#held.length < count; look++) {
      if (look === MOST_LOOKS) throw new Error(`${this.#held.length} replies are held, and not ${count}`);
      await sleep(LOOK_MS);
    }
  }

  /** Lets through what is held and what comes, but for those for which `isHeld`. */
  release(isHeld: (reply: ScanReply) => boolean = () => false): void {
    this.#isHeld = isHeld;
    for (const held of this.#held.splice(0)) this.#take(held);
  }

  #take(held: Held): void {
    if (this.#isHeld(held.reply) || this.#held.some(({ worker }) => worker === held.worker)) this.#held.push(held);
    else held.deliver();
  }
}

/** Whether the directory with that inode was listed. */
export function lists({ records, directories }: ScanReply, inode: bigint): boolean {
  return directories.some(({ from, to }) => {
    const record = new PackedReader(records.subarray(from, to));
    return record.next() && record.inode === inode;
  });
}

function isReply(message: unknown): message is ScanReply {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'listed';
}
