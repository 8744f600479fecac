import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is given that changes a file, each time after its turn has come. */
export interface Writer {
  readonly file: string;
  readonly changes: number;
  /** Number of the change that is to be made, in shared memory. */
  readonly turn: Int32Array;
  /** When the last change was made, by `process.hrtime`. */
  readonly madeAt: BigInt64Array;
}

/** So that the reader waits in the kernel again before something happens. */
const PAUSE_MS = 1;

const { file, changes, turn, madeAt } = workerData as Writer;
const fd = fs.openSync(file, 'w');
parentPort?.postMessage('ready');
for (let change = 1; change <= changes; change++) {
  while (Atomics.load(turn, 0) < change) Atomics.wait(turn, 0, change - 1);
  await setTimeout(PAUSE_MS);
  Atomics.store(madeAt, 0, process.hrtime.bigint());
  fs.writeSync(fd, 'x');
}
fs.closeSync(fd);
