import { workerData } from 'node:worker_threads';
import { serveRequests } from '../../base/serve-requests.ts';
import { openShared } from '../../store/share.ts';
import { FileRestorer } from './file-restorer.ts';
import type { RestoreBatch, RestoreBatchResult, RestoreWorkerData } from './messages.ts';

/** A restoring thread. */
const { store, settings } = workerData as RestoreWorkerData;
const restorer = new FileRestorer(openShared(store), settings);

serveRequests<RestoreBatch, RestoreBatchResult>((batch) => restorer.restore(batch));
