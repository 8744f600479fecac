import { workerData } from 'node:worker_threads';
import { serveRequests } from '../../../base/serve-requests.ts';
import { hashByName } from '../../../hash/registry.ts';
import type { CheckReply, CheckRequest, CheckWorkerData } from './messages.ts';
import { checkRecords } from './record-check.ts';

/** A checking thread. */
const hash = hashByName((workerData as CheckWorkerData).hash);

serveRequests<CheckRequest, CheckReply>(async (request) => checkRecords(request, hash));
