import { deserialize, serialize } from 'node:v8';

/** Words of the shared memory. Those `TO_` somebody, requests and answers count up, so that whoever waits for a change of them misses none. */
const STATE = 0;
const LOCK = 1;
const WOKEN = 2;
const TO_SERVER = 3;
const REQUESTS = 4;
const ANSWERS = 5;
const TO_READER = 6;
const HAS_EVENTS = 7;
const LENGTH = 8;
const WORDS = 16;

const OPEN = 0;
const CLOSED = 1;
const FAILED = 2;

/** What one answer may hold. */
export const ROOM_BYTES = 256 * 1024;
/** How often whoever waits for an answer looks whether the other side is still there, */
const LOOK_MS = 1000;
/** and how long it waits for one in all: as long as a thread may take to start on a machine that has other things to do. */
const PATIENCE_MS = 60_000;

/**
 * A line between threads that wait for each other without an event loop, and one that has one (the *server*): one request at a time, of whoever it is, and one flag that there is
 * something to collect. All of it is shared memory, so that it can be handed on like a descriptor.
 */
export class Line {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #room: Uint8Array;

  constructor(memory = new SharedArrayBuffer(WORDS * 4 + ROOM_BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#room = new Uint8Array(memory, WORDS * 4);
  }

  /** Asks the server, and blocks until it has answered. Throws when it is not there any more. */
  ask(request: unknown): unknown {
    this.#lock();
    try {
      this.#put(request);
      const number = Atomics.add(this.#words, REQUESTS, 1) + 1;
      this.#notify(TO_SERVER);
      this.#waitForAnswer(number);
      return this.#get();
    } finally {
      Atomics.store(this.#words, LOCK, 0);
      Atomics.notify(this.#words, LOCK, 1);
    }
  }

  /** Blocks until there is something to collect, `wake` was called, or the time is over. */
  waitForEvents(timeoutMs = Number.POSITIVE_INFINITY): void {
    this.#waitWhile(() => !this.hasEvents && !this.#isWoken, timeoutMs);
  }
  /** Blocks until `wake` was called, or the time is over. */
  waitForWake(timeoutMs: number): void {
    this.#waitWhile(() => !this.#isWoken, timeoutMs);
  }
  wake(): void {
    Atomics.store(this.#words, WOKEN, 1);
    this.#notify(TO_READER);
  }
  /** Whether `wake` was called since this was asked last. */
  takeWake(): boolean {
    return Atomics.exchange(this.#words, WOKEN, 0) === 1;
  }
  get hasEvents(): boolean {
    return Atomics.load(this.#words, HAS_EVENTS) === 1;
  }

  /** Ends the server. */
  close(): void {
    this.#end(CLOSED);
  }
  /** Says that there will be no answers any more. */
  fail(): void {
    this.#end(FAILED);
  }
  get isOpen(): boolean {
    return Atomics.load(this.#words, STATE) === OPEN;
  }

  /** Of the server: says whether there is something to collect. */
  setHasEvents(has: boolean): void {
    if (Atomics.exchange(this.#words, HAS_EVENTS, has ? 1 : 0) === 0 && has) this.#notify(TO_READER);
  }
  /** Of the server: the next request; undefined when the line was closed. The one before has to be answered by then. */
  async nextRequest(): Promise<unknown> {
    for (;;) {
      const seen = Atomics.load(this.#words, TO_SERVER);
      if (!this.isOpen) return undefined;
      if (Atomics.load(this.#words, REQUESTS) !== Atomics.load(this.#words, ANSWERS)) return this.#get();
      const { value } = Atomics.waitAsync(this.#words, TO_SERVER, seen);
      await value;
    }
  }
  /** Of the server. */
  answer(answer: unknown): void {
    this.#put(answer);
    this.#notify(ANSWERS);
  }

  #lock(): void {
    while (Atomics.compareExchange(this.#words, LOCK, 0, 1) !== 0) {
      this.#checkOpen();
      Atomics.wait(this.#words, LOCK, 1, LOOK_MS);
    }
  }

  #waitForAnswer(number: number): void {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const answers = Atomics.load(this.#words, ANSWERS);
      if (answers === number) return;
      this.#checkOpen();
      if (performance.now() > until) {
        // Whatever came late would be taken for the answer to something else.
        this.fail();
        throw new Error('the thread that watches does not answer');
      }
      Atomics.wait(this.#words, ANSWERS, answers, LOOK_MS);
    }
  }

  #waitWhile(condition: () => boolean, timeoutMs: number): void {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const seen = Atomics.load(this.#words, TO_READER);
      this.#checkOpen();
      if (!condition()) return;
      const leftMs = until - performance.now();
      if (leftMs <= 0) return;
      Atomics.wait(this.#words, TO_READER, seen, leftMs);
    }
  }

  get #isWoken(): boolean {
    return Atomics.load(this.#words, WOKEN) === 1;
  }

  #checkOpen(): void {
    const state = Atomics.load(this.#words, STATE);
    if (state === FAILED) throw new Error('the thread that watches has died');
    if (state === CLOSED) throw new Error('the watcher is closed');
  }

  #end(state: number): void {
    Atomics.compareExchange(this.#words, STATE, OPEN, state);
    for (const word of [TO_SERVER, TO_READER, LOCK]) this.#notify(word);
    Atomics.notify(this.#words, ANSWERS);
  }

  #notify(word: number): void {
    if (word !== LOCK) Atomics.add(this.#words, word, 1);
    Atomics.notify(this.#words, word);
  }

  #put(value: unknown): void {
    const bytes = serialize(value);
    if (bytes.length > ROOM_BYTES) throw new RangeError('too long for the line');
    this.#room.set(bytes);
    this.#words[LENGTH] = bytes.length;
  }

  #get(): unknown {
    return deserialize(this.#room.slice(0, this.#words[LENGTH]));
  }
}
