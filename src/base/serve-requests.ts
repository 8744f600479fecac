import { parentPort, type Transferable } from 'node:worker_threads';
import { turnEventLoop } from './event-loop.ts';
import { describeError } from './thread-failure.ts';
import type { PoolMessage, PoolReply } from './worker-pool.ts';

/**
 * The main loop of a thread of a WorkerPool: answers requests one after another. `transfer` names what of a reply is handed over instead of
 * copied.
 */
export function serveRequests<Request, Reply>(
  handle: (request: Request) => Promise<Reply>,
  transfer: (reply: Reply) => Transferable[] = () => [],
): void {
  const port = parentPort;
  if (port === null) throw new Error('this module is the main module of a worker thread');
  let previous: Promise<void> = Promise.resolve();
  port.on('message', ({ id, request }: PoolMessage<Request>) => {
    previous = previous.then(async () => {
      try {
        const reply = await handle(request);
        port.postMessage({ id, reply } satisfies PoolReply<Reply>, transfer(reply));
      } catch (error) {
        port.postMessage({ id, failure: describeError(error) } satisfies PoolReply<Reply>);
      }
      await turnEventLoop();
    });
  });
}
