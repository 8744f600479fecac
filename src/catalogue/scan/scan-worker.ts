import { parentPort, workerData } from 'node:worker_threads';
import { END, sayLoaded } from '../../base/endable-thread.ts';
import { watcherFromShared } from '../../sys/watch/open.ts';
import { ScanFlow } from './flow.ts';
import type { ScanOrder, ScanReply, ScanWorkerData } from './messages.ts';
import { Scanner } from './scanner.ts';

/** A scanning thread: does one task after another. */
const port = parentPort;
if (port === null) throw new Error('this module is the main module of a worker thread');
sayLoaded();
const { flow, watcher, own, listingKey, batchBytes } = workerData as ScanWorkerData;
const borrowed = watcher === undefined ? undefined : watcherFromShared(watcher);
const scanner = new Scanner({
  flow: new ScanFlow(flow),
  watcher: borrowed,
  own,
  listingKey,
  batchBytes,
  send: (reply: ScanReply) => port.postMessage(reply, [reply.records.buffer]),
});
port.on('message', (order: ScanOrder) => {
  if (order !== END) return scanner.run(order);
  borrowed?.close();
  port.close();
});
