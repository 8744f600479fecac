import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ScanReply } from '../../src/catalogue/scan/messages.ts';
import { PackedReader } from '../../src/sys/packed-entries.ts';
import type { WatchMessage } from '../../src/sys/watch/thread/messages.ts';

/** What a thread has said, and its way to whoever listens. */
interface Message<Said> {
  readonly worker: Worker;
  readonly said: Said;
  readonly deliver: () => void;
}

/** Whoever is asked whether he takes a message in place of whoever listens to the thread. */
type Taker = (message: Message<unknown>) => boolean;

const takers = new Set<Taker>();
const { emit } = Worker.prototype;
Worker.prototype.emit = function (this: Worker, name: string | symbol, ...rest: unknown[]): boolean {
  const deliver = () => Reflect.apply(emit, this, [name, ...rest]) as boolean;
  if (name === 'message') for (const taker of takers) if (taker({ worker: this, said: rest[0], deliver })) return true;
  return deliver();
};

/** Hands what threads of this process say to `taker` first, until the test ends. */
function takeMessages(context: TestContext, taker: Taker): void {
  takers.add(taker);
  context.after(() => {
    takers.delete(taker);
  });
}

/** Has what scanning threads list come late, by so much each time, what each thread says in its order. */
export function delayListings(context: TestContext, delayMs: () => number): void {
  const lines = new WeakMap<Worker, Promise<void>>();
  takeMessages(context, ({ worker, said, deliver }) => {
    if (!isListing(said)) return false;
    const line = (lines.get(worker) ?? Promise.resolve()).then(() => sleep(delayMs())).then(deliver);
    lines.set(worker, line);
    return true;
  });
}

/** Holds what watching threads say back, until the function that it returns is called. */
export function holdEvents(context: TestContext): () => void {
  const held: Message<unknown>[] = [];
  let isHolding = true;
  takeMessages(context, (message) => {
    if (isHolding && isBatch(message.said)) held.push(message);
    return held.includes(message);
  });
  return () => {
    isHolding = false;
    for (const { deliver } of held.splice(0)) deliver();
  };
}

/** What watching threads say from now on. */
export function toldEvents(context: TestContext): readonly WatchMessage[] {
  const told: WatchMessage[] = [];
  takeMessages(context, ({ said }) => {
    if (isBatch(said)) told.push(said);
    return false;
  });
  return told;
}

const LOOK_MS = 5;
const MOST_LOOKS = 3000;

/**
 * Holds back what scanning threads of this process have listed, so that something can be made to happen between a listing and its being taken in. A thread that is held stands still when some batches of it wait: so what it lists next is listed when it is
 * released.
 */
export class HeldListings {
  #held: Message<ScanReply>[] = [];
  #isHeld: (reply: ScanReply) => boolean;

  /** Holds the replies for which `isHeld`, and whatever their threads say behind them. */
  constructor(context: TestContext, isHeld: (reply: ScanReply) => boolean) {
    this.#isHeld = isHeld;
    takeMessages(context, ({ said, ...message }) => {
      if (!isListing(said)) return false;
      this.#take({ ...message, said });
      return true;
    });
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

  #take(held: Message<ScanReply>): void {
    if (this.#isHeld(held.said) || this.#held.some(({ worker }) => worker === held.worker)) this.#held.push(held);
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

function isListing(message: unknown): message is ScanReply {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'listed';
}

function isBatch(message: unknown): message is WatchMessage {
  return typeof message === 'object' && message !== null && 'batch' in message;
}
