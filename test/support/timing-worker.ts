import { setTimeout } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { VarveError } from '../../src/base/errors.ts';
import { serveRequests } from '../../src/base/serve-requests.ts';

/** What a thread of a pool under test is asked: to wait, then to fail, to die, or to say which thread it is. */
export interface TimedTask {
  readonly milliseconds: number;
  readonly ends?: 'in failure' | 'the thread';
  /** Nothing for the thread that owns the pool. */
  readonly isLong?: boolean;
  /** Not to wait for those that came before. */
  readonly isUrgent?: boolean;
}

serveRequests(
  async ({ milliseconds, ends }: TimedTask) => {
    await setTimeout(milliseconds);
    if (ends === 'in failure') throw new VarveError('FAILED', 'as it was told', { advice: 'none' });
    if (ends === 'the thread') process.exit(0);
    return threadId;
  },
  { isUrgent: ({ isUrgent }) => isUrgent === true },
);
