import { workerData } from 'node:worker_threads';
import { serveRequests } from '../../base/serve-requests.ts';
import { openShared } from '../../store/share.ts';
import { answer } from './answer.ts';
import { BatchRunner } from './batch-runner.ts';
import type { SaveReply, SaveRequest, SaveWorkerData } from './messages.ts';

/** A saving thread. */
const { store, observedTimes } = workerData as SaveWorkerData;
const runner = new BatchRunner(openShared(store), { observedTimes });

serveRequests<SaveRequest, SaveReply>((request) => answer(runner, request), {
  transfer: (reply) => ('files' in reply ? [reply.files.packed.buffer as ArrayBuffer] : []),
});
