import { parentPort, workerData } from 'node:worker_threads';
import { VarveError } from '../../base/errors.ts';
import { openShared } from '../../store/share.ts';
import { BatchRunner } from './batch-runner.ts';
import type { SaveReply, SaveRequest, SaveWorkerData } from './messages.ts';

/** A saving thread: takes requests one after another, replies to each in order. */
const { store: shared, observedTimes } = workerData as SaveWorkerData;
const port = parentPort;
if (port === null) throw new Error('save-worker runs as a worker thread only');
const runner = new BatchRunner(openShared(shared), { observedTimes });

let previous: Promise<void> = Promise.resolve();
port.on('message', (request: SaveRequest) => {
  previous = previous.then(() => handle(request)).then(
    (reply) => port.postMessage(reply, 'files' in reply ? [reply.files.packed.buffer as ArrayBuffer] : []),
    (error: unknown) => port.postMessage(failureReply(request.id, error)),
  );
});

async function handle(request: SaveRequest): Promise<SaveReply> {
  const { id } = request;
  switch (request.type) {
    case 'files':
      return { id, files: await runner.files(request.batch) };
    case 'extent':
      return { id, extent: await runner.extent(request.task) };
    case 'flush':
      return { id, flushed: await runner.flush() };
  }
}

function failureReply(id: number, error: unknown): SaveReply {
  const { code, advice } = error instanceof VarveError ? error : { code: 'BUG', advice: undefined };
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return { id, failure: { code, message, advice, stack } };
}
