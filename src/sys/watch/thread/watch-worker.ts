import { parentPort, workerData } from 'node:worker_threads';
import { sayLoaded } from '../../../base/endable-thread.ts';
import { watcherFromShared } from '../open.ts';
import { drain } from './drain.ts';
import { WatchFlow } from './flow.ts';
import type { WatchWorkerData } from './messages.ts';

/** The watching thread: nothing but emptying the kernel's queue, so that it does not overflow. */
const port = parentPort;
if (port === null) throw new Error('this module is the main module of a worker thread');
sayLoaded();
const { watcher, flow } = workerData as WatchWorkerData;
drain(watcherFromShared(watcher), new WatchFlow(flow), (message) => port.postMessage(message));
