import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import type { TestData, TestOrder, TestReport } from '../../test/support/duty-worker.ts';
import { scratchFolder } from '../../test/support/scratch.ts';
import { until } from '../../test/support/until.ts';
import { VarveError } from '../base/errors.ts';
import type { RestartPolicy } from './restarts.ts';
import { stopWorkers } from './stop-workers.ts';
import { SupervisedWorker, type WorkerLostError, type WorkerStart } from './supervised-worker.ts';

const URL_OF_WORKER = new URL('../../test/support/duty-worker.ts', import.meta.url);
const QUICK: RestartPolicy = { most: 2, withinMs: 60_000, firstDelayMs: 1, firstPauseMs: 1, longestPauseMs: 1 };
const AMPLE_MS = 10_000;

interface Options {
  readonly start?: (start: number) => WorkerStart<TestData>;
  readonly restarts?: RestartPolicy;
  readonly name?: string;
  readonly passes?: boolean;
}

function supervise(
  context: TestContext,
  { start = (number) => ({ data: { start: number } }), restarts = QUICK, name = 'test', passes = false }: Options = {},
) {
  const reports: TestReport[] = [];
  const deaths: Error[] = [];
  const lost: WorkerLostError[] = [];
  let starts = 0;
  const worker = new SupervisedWorker<TestData, TestOrder, TestReport>({
    name,
    url: URL_OF_WORKER,
    start: () => start(++starts),
    onMessage: (report) => reports.push(report),
    onDeath: (cause) => deaths.push(cause),
    onLost: (error) => lost.push(error),
    passes: () => passes,
    restarts,
  });
  context.after(() => worker.stop(0));
  const has = (report: TestReport) => until(() => reports.some((each) => JSON.stringify(each) === JSON.stringify(report)));
  return { worker, reports, deaths, lost, has };
}

describe('a supervised thread', { timeout: 30_000 }, () => {
  it('is started with data and ports, and told messages', async (context) => {
    const { port1, port2 } = new MessageChannel();
    const { worker, has } = supervise(context, { start: (number) => ({ data: { start: number, port: port2 }, transfer: [port2] }) });
    assert.equal(worker.post('count'), true);
    await has({ counted: 1 });
    port1.postMessage('echo');
    assert.deepEqual(await once(port1, 'message'), ['echo']);
    assert.equal(await worker.stop(AMPLE_MS), 'clean');
    port1.close();
  });

  for (const [order, cause] of [
    ['fail', 'as it was told'],
    ['throw', 'a bug'],
    ['exit', 'it ended with status 7'],
    ['return', 'it ended its work although nobody had stopped it'],
  ] as const) {
    it(`is started again when it dies, and the cause is told: ${order}`, async (context) => {
      const { worker, deaths, has } = supervise(context);
      await has({ started: 1 });
      worker.post(order);
      await has({ started: 2 });
      assert.deepEqual(
        deaths.map(({ message }) => message),
        [cause],
      );
    });
  }

  it('is given up when it dies too often, with what its last death said and advised', async (context) => {
    const { worker, deaths, lost } = supervise(context, { start: (number) => ({ data: { start: number, dies: true } }) });
    await until(() => lost.length === 1);
    const [error] = lost as [WorkerLostError];
    assert.equal(deaths.length, QUICK.most);
    assert.deepEqual(
      [error.code, error.message, error.advice],
      ['WORKER_LOST', 'the test thread dies again and again: as it was told', 'none'],
    );
    assert.ok(error.cause instanceof VarveError);
    assert.equal(worker.post('count'), false);
    assert.equal(await worker.stop(0), 'clean');
  });

  it('is never given up when what it dies of passes one day', async (context) => {
    const { deaths, lost, has } = supervise(context, {
      start: (number) => ({ data: { start: number, dies: number <= 2 * QUICK.most } }),
      passes: true,
    });
    await has({ started: 2 * QUICK.most + 1 });
    assert.equal(deaths.length, 2 * QUICK.most);
    assert.deepEqual(lost, []);
  });

  it('works on after a pause, also when it died meanwhile', async (context) => {
    const { worker, reports, has } = supervise(context);
    worker.pause();
    worker.post('fail');
    await has({ started: 2 });
    worker.post('count');
    worker.pause();
    worker.post({ block: '/dev/null' });
    await has('blocking');
    assert.ok(!reports.some((report) => typeof report === 'object' && 'counted' in report));
    worker.continue();
    await has({ counted: 1 });
  });

  it('that dies of putting away is not said to have stopped cleanly', async (context) => {
    const { worker, deaths, has } = supervise(context);
    worker.post('fail at the end');
    await has({ started: 1 });
    assert.equal(await worker.stop(AMPLE_MS), 'failed');
    assert.deepEqual(
      deaths.map(({ message }) => message),
      ['as it was told'],
    );
  });

  it('stops while it is paused', async (context) => {
    const { worker, has } = supervise(context);
    await has({ started: 1 });
    worker.pause();
    assert.equal(await worker.stop(AMPLE_MS), 'clean');
  });

  it('stops before it has begun, and while it waits to be started again', async (context) => {
    assert.equal(await supervise(context).worker.stop(AMPLE_MS), 'clean');
    const { worker, deaths, reports } = supervise(context, { restarts: { ...QUICK, firstDelayMs: 60_000 } });
    worker.post('exit');
    await until(() => deaths.length === 1);
    assert.equal(await worker.stop(AMPLE_MS), 'clean');
    assert.deepEqual(reports, [{ started: 1 }]);
  });

  it('is terminated when it does not listen in time', async (context) => {
    const { worker, deaths, has } = supervise(context);
    await has({ started: 1 });
    worker.post('spin');
    assert.equal(await worker.stop(20), 'terminated');
    assert.deepEqual(deaths, []);
  });

  it('keeps nobody waiting whom the kernel holds in a call', {
    skip: process.platform === 'win32' && 'Windows has no FIFOs',
  }, async (context) => {
    const fifo = join(scratchFolder(context), 'fifo');
    spawnSync('mkfifo', [fifo]);
    const { worker, has } = supervise(context);
    worker.post({ block: fifo });
    await has('blocking');
    const before = performance.now();
    assert.equal(await worker.stop(20), 'stuck');
    assert.ok(performance.now() - before < 2000);
    closeSync(openSync(fifo, 'r+'));
  });
});

describe('stopping threads', { timeout: 30_000 }, () => {
  it('goes stage by stage, and one that does not listen takes no time from the next', async (context) => {
    const [first, second, third] = ['first', 'second', 'third'].map((name) => supervise(context, { name }));
    for (const each of [first, second, third]) await each!.has({ started: 1 });
    first!.worker.post('spin');
    const before = performance.now();
    const outcomes = await stopWorkers([[first!.worker, second!.worker], [third!.worker]], 500);
    assert.deepEqual([...outcomes].sort(), [
      ['first', 'terminated'],
      ['second', 'clean'],
      ['third', 'clean'],
    ]);
    assert.ok(performance.now() - before < 2000);
  });
});
