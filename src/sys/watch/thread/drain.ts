import type { Watcher } from '../types.ts';
import { Backlog } from './backlog.ts';
import type { WatchFlow } from './flow.ts';
import type { WatchMessage } from './messages.ts';

/** While so many messages have not been taken in, what comes is gathered instead, and merged. */
const AHEAD = 2;

/**
 * Where so many readings have brought something, each so soon after the one before, more is taken to follow, and is waited for: what comes in a row is taken in together, in one transaction. A
 * change that comes alone is told of at once, with what the same program did about it. Measured for changes of files at 1000 a second: see docs/benchmarks.md.
 */
const ROW_LENGTH = 6;
const GATHER_MS = 4;

/** Empties the queue until it is stopped. What it reads is sent at once while the other side keeps up. Blocks its thread. */
export function drain(watcher: Watcher, flow: WatchFlow, send: (message: WatchMessage) => void): void {
  const backlog = new Backlog();
  let sent = 0;
  let synced = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let inRow = 0;
  while (!flow.isStopped) {
    // Read before the queue is: what was queued before it was asked for is then in hand when the queue is found empty.
    const asked = flow.sync;
    const wait = asked === synced && backlog.isEmpty ? undefined : 0;
    const canSend = sent - flow.taken < AHEAD;
    const batch = watcher.read(canSend ? wait : undefined, inRow >= ROW_LENGTH ? GATHER_MS : 0);
    const isEmpty = batch.events.length === 0;
    if (!isEmpty) {
      const now = performance.now();
      // The waiting itself is no pause.
      inRow = now - lastMs < 2 * GATHER_MS ? inRow + 1 : 0;
      lastMs = now;
    }
    backlog.add(batch);
    if (sent - flow.taken >= AHEAD) continue;
    const isSynced = isEmpty && asked !== synced;
    if (backlog.isEmpty && !isSynced) continue;
    if (isSynced) synced = asked;
    send({ batch: backlog.take(), synced });
    sent++;
  }
}
