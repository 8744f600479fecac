import type { Watcher } from '../types.ts';
import { Backlog } from './backlog.ts';
import type { WatchFlow } from './flow.ts';
import { ForeignDirectories } from './foreign-directories.ts';
import type { ForeignMessage, WatchMessage } from './messages.ts';

/** While so many messages have not been taken in, what comes is gathered instead, and merged. */
const AHEAD = 2;

/** So many events are sent at once: whoever takes them in does nothing else meanwhile, for a second or so when the machine has other things to do. */
const MOST_EVENTS = 10_000;

/**
 * Where so many readings have brought something, each so soon after the one before, more is taken to follow, and is waited for: what comes in a row is taken in together, in one transaction. A
 * change that comes alone is told of at once, with what the same program did about it. Measured for changes of files at 1000 a second: see docs/benchmarks.md.
 */
const ROW_LENGTH = 6;
const GATHER_MS = 4;

/** The two ways between the watching thread and the one that takes in what it reads. */
export interface DrainPort {
  readonly send: (message: WatchMessage) => void;
  /** What was said to this thread, a message at a time; undefined when that is all. */
  readonly receive: () => ForeignMessage | undefined;
}

/** Empties the queue until it is stopped. What it reads is sent at once while the other side keeps up. Blocks its thread. */
export function drain(watcher: Watcher, flow: WatchFlow, { send, receive }: DrainPort): void {
  const backlog = new Backlog();
  const foreign = new ForeignDirectories();
  let sent = 0;
  let synced = 0;
  /** A sync that was asked for, and how many events are still to be sent until it is reached. */
  let marked = 0;
  let leftOfMark = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let inRow = 0;
  while (!flow.isStopped) {
    // Read before the queue is: what was queued before it was asked for is then in hand when the queue is found empty.
    const asked = flow.sync;
    const wait = asked === synced && backlog.isEmpty ? foreign.dueInMs : 0;
    const canSend = sent - flow.taken < AHEAD;
    const batch = watcher.read(canSend ? wait : undefined, inRow >= ROW_LENGTH ? GATHER_MS : 0);
    const isEmpty = batch.events.length === 0;
    if (!isEmpty) {
      const now = performance.now();
      // The waiting itself is no pause.
      inRow = now - lastMs < 2 * GATHER_MS ? inRow + 1 : 0;
      lastMs = now;
    }
    for (let said = receive(); said !== undefined; said = receive()) foreign.learn(said);
    backlog.add(foreign.sift(batch));
    if (isEmpty && marked === synced) [marked, leftOfMark] = [asked, backlog.size];
    // An overflow may have taken them away.
    leftOfMark = Math.min(leftOfMark, backlog.size);
    if (sent - flow.taken >= AHEAD) continue;
    if (backlog.isEmpty && marked === synced && foreign.dueInMs !== 0) continue;
    const told = backlog.take(MOST_EVENTS);
    leftOfMark -= told.events.length;
    if (leftOfMark <= 0) synced = marked;
    send({ batch: told, foreign: foreign.take(), synced });
    sent++;
  }
}
