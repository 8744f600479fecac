import { workerData } from 'node:worker_threads';
import { SystemError } from '../../../base/errors.ts';
import { Cookies } from './cookies.ts';
import { Line } from './line.ts';
import { NodeMarks } from './marks.ts';
import type { CollectAnswer, MarkAnswer, NodeWatchData, NodeWatchRequest, PlaceToMark } from './messages.ts';
import { Outbox } from './outbox.ts';

/** The thread of fs.watch: its events come by an event loop, which no reader of a queue has. */
const { memory, cookies: folder, recursive } = workerData as NodeWatchData;
const line = new Line(memory);
process.on('uncaughtExceptionMonitor', () => line.fail());
const outbox = new Outbox();
const cookies = new Cookies(folder);
const marks = new NodeMarks({ outbox, recursive, ignored: folder, told: () => line.setHasEvents(!outbox.isEmpty) });

for (let request = await next(); request !== undefined; request = await next()) line.answer(await answer(request));
process.exit();

async function next(): Promise<NodeWatchRequest | undefined> {
  return (await line.nextRequest()) as NodeWatchRequest | undefined;
}

async function answer(request: NodeWatchRequest): Promise<MarkAnswer | CollectAnswer> {
  if (request.type === 'mark') return mark(request.place);
  if (request.type === 'unmark') return void marks.unmark(request.key);
  if (request.complete && !(await cookies.settle())) outbox.overflow();
  const batch = outbox.take();
  line.setHasEvents(!outbox.isEmpty);
  return batch;
}

function mark(place: PlaceToMark): MarkAnswer {
  try {
    marks.mark(place);
    return undefined;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { errno: error.errno, syscall: error.syscall };
  }
}
