import { parentPort, type Transferable } from 'node:worker_threads';
import { END, sayLoaded } from './endable-thread.ts';
import { turnEventLoop } from './event-loop.ts';
import { describeError } from './thread-failure.ts';
import type { PoolMessage, PoolReply } from './worker-pool.ts';

export interface ServeOptions<Request, Reply> {
  /** What of a reply is handed over instead of copied. */
  readonly transfer?: (reply: Reply) => Transferable[];
  /** Requests that are handled at once, while another is in work and waits for something. */
  readonly isUrgent?: (request: Request) => boolean;
}

/** The main loop of a thread of a WorkerPool: answers requests one after another, in the order in which they came. */
export function serveRequests<Request, Reply>(
  handle: (request: Request) => Promise<Reply>,
  { transfer = () => [], isUrgent = () => false }: ServeOptions<Request, Reply> = {},
): void {
  const port = parentPort;
  if (port === null) throw new Error('this module is the main module of a worker thread');
  let isEnding = false;
  const answer = async ({ id, request }: PoolMessage<Request>): Promise<void> => {
    if (isEnding) return;
    try {
      const reply = await handle(request);
      port.postMessage({ id, reply } satisfies PoolReply<Reply>, transfer(reply));
    } catch (error) {
      port.postMessage({ id, failure: describeError(error) } satisfies PoolReply<Reply>);
    }
    await turnEventLoop();
  };
  sayLoaded();
  let previous: Promise<void> = Promise.resolve();
  port.on('message', (message: PoolMessage<Request> | typeof END) => {
    if (message === END) {
      isEnding = true;
      void previous.then(() => process.exit());
    } else if (isUrgent(message.request)) void answer(message);
    else previous = previous.then(() => answer(message));
  });
}
