import type { Watcher } from '../../sys/watch/types.ts';
import { Backlog } from './backlog.ts';
import type { WatchFlow } from './flow.ts';
import type { WatchMessage } from './messages.ts';

/** While so many messages have not been taken in, what comes is gathered instead, and merged. */
const AHEAD = 2;

/** Empties the queue until it is stopped. What it reads is sent at once while the other side keeps up. Blocks its thread. */
export function drain(watcher: Watcher, flow: WatchFlow, send: (message: WatchMessage) => void): void {
  const backlog = new Backlog();
  let sent = 0;
  let synced = 0;
  while (!flow.isStopped) {
    // Read before the queue is: what was queued before it was asked for is then in hand when the queue is found empty.
    const asked = flow.sync;
    const wait = asked === synced && backlog.isEmpty ? undefined : 0;
    const canSend = sent - flow.taken < AHEAD;
    const batch = watcher.read(canSend ? wait : undefined);
    const isEmpty = batch.events.length === 0;
    backlog.add(batch);
    if (sent - flow.taken >= AHEAD) continue;
    const isSynced = isEmpty && asked !== synced;
    if (backlog.isEmpty && !isSynced) continue;
    if (isSynced) synced = asked;
    send({ batch: backlog.take(), synced });
    sent++;
  }
}
