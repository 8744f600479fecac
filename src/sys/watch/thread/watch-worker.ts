import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { END, sayLoaded } from '../../../base/endable-thread.ts';
import { watcherFromShared } from '../open.ts';
import { drain } from './drain.ts';
import { WatchFlow } from './flow.ts';
import type { ForeignMessage, WatchWorkerData } from './messages.ts';

/** The watching thread: nothing but emptying the kernel's queue, so that it does not overflow. */
const port = parentPort;
if (port === null) throw new Error('this module is the main module of a worker thread');
sayLoaded();
const { watcher, flow } = workerData as WatchWorkerData;
drain(watcherFromShared(watcher), new WatchFlow(flow), {
  send: (message) => port.postMessage(message),
  // It never comes to rest, so nothing else can listen to the port. That it is to end, the flow says as well.
  receive: () => {
    const received: { message: ForeignMessage | typeof END } | undefined = receiveMessageOnPort(port);
    return received === undefined || received.message === END ? undefined : received.message;
  },
});
