import { openSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { VarveError } from '../../src/base/errors.ts';
import { performDuty } from '../../src/daemon/duty.ts';

/** What a supervised thread under test is started with, told, and tells. */
export interface TestData {
  readonly start: number;
  readonly port?: MessagePort;
  /** Dies as soon as it is there. */
  readonly dies?: boolean;
}
export type TestOrder = 'fail' | 'throw' | 'exit' | 'return' | 'fail at the end' | 'spin' | 'count' | { readonly block: string };
export type TestReport = { readonly started: number } | { readonly counted: number } | 'blocking';

performDuty<TestData, TestOrder, TestReport>(async (duty) => {
  if (duty.data.dies) throw new VarveError('FAILED', 'as it was told', { advice: 'none' });
  let failsAtEnd = false;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let counted = 0;
  duty.receive((order) => {
    if (order === 'fail') reject(new VarveError('FAILED', 'as it was told', { advice: 'none' }));
    else if (order === 'throw') throw new TypeError('a bug');
    else if (order === 'fail at the end') failsAtEnd = true;
    else if (order === 'exit') process.exit(7);
    else if (order === 'return') resolve();
    else if (order === 'spin') for (;;);
    else if (order === 'count') void duty.mayWork().then(() => duty.post({ counted: ++counted }));
    else {
      duty.post('blocking');
      openSync(order.block, 'r');
    }
  });
  duty.data.port?.on('message', (message) => duty.data.port?.postMessage(message));
  duty.post({ started: duty.data.start });
  await Promise.race([promise, duty.untilStopped]);
  if (failsAtEnd) throw new VarveError('FAILED', 'as it was told');
});
