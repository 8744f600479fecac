import type { BatchRunner } from './batch-runner.ts';
import type { SaveReply, SaveRequest } from './messages.ts';

/** Does what a saving thread is asked. */
export async function answer(runner: BatchRunner, request: SaveRequest): Promise<SaveReply> {
  switch (request.type) {
    case 'files':
      return { files: await runner.files(request.batch) };
    case 'extent':
      return { extent: await runner.extent(request.task) };
    case 'flush':
      return { flushed: await runner.flush() };
  }
}
