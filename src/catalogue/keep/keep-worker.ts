import { workerData } from 'node:worker_threads';
import { serveRequests } from '../../base/serve-requests.ts';
import { hashByName } from '../../hash/registry.ts';
import { system } from '../../sys/system.ts';
import { HashRunner } from './hash-runner.ts';
import type { KeepReply, KeepRequest, KeepWorkerData } from './messages.ts';
import { SharedStores } from './stores.ts';
import { Throttle } from './throttle.ts';

/** A hashing thread. */
const { hash, chunking, throttle, isIdle } = workerData as KeepWorkerData;
if (isIdle) system().lowerPriority();
const runner = new HashRunner({ hash: hashByName(hash), chunking, throttle: new Throttle(throttle), stores: new SharedStores() });

// Who asks for a flush does not wait for a large file.
serveRequests<KeepRequest, KeepReply>((request) => runner.answer(request), {
  isUrgent: ({ type }) => type === 'flush',
  transfer: (reply) => ('answers' in reply ? [reply.answers.bytes.buffer] : []),
});
