import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { TimedTask } from '../../test/support/timing-worker.ts';
import { VarveError } from './errors.ts';
import { WorkerPool } from './worker-pool.ts';

const SERVER = new URL('../../test/support/timing-worker.ts', import.meta.url);

/** Answers with the number of the thread that did it; this one is 0. */
function newPool(context: TestContext, threads: number, takesPart: boolean): WorkerPool<TimedTask, number> {
  const own = {
    handle: ({ milliseconds }: TimedTask) => setTimeout(milliseconds, 0),
    takes: ({ isLong }: TimedTask) => isLong !== true,
  };
  const pool = new WorkerPool<TimedTask, number>(threads, SERVER, undefined, takesPart ? own : undefined);
  context.after(() => pool.close());
  return pool;
}

/** Requests as whoever waits for `ready` before each. */
async function requestAll(pool: WorkerPool<TimedTask, number>, tasks: readonly TimedTask[]): Promise<number[]> {
  const replies: Promise<number>[] = [];
  for (const task of tasks) {
    await pool.ready();
    replies.push(pool.request(task));
  }
  return Promise.all(replies);
}

describe('a pool of threads', { timeout: 30_000 }, () => {
  test('starts no thread for a single short request where its owner takes part', async (context) => {
    const pool = newPool(context, 2, true);
    assert.equal(await pool.request({ milliseconds: 1 }), 0);
    assert.deepEqual(await pool.requestAll({ milliseconds: 1 }), []);
  });

  test('starts more threads where it is allowed them later', async (context) => {
    const pool = newPool(context, 2, false);
    const tasks = Array.from({ length: 40 }, () => ({ milliseconds: 5 }));
    assert.equal(new Set(await requestAll(pool, tasks)).size, 2);
    pool.growTo(3);
    assert.equal(new Set(await requestAll(pool, tasks)).size, 3);
  });

  test('shares short requests between its owner and one thread less than its limit', async (context) => {
    const pool = newPool(context, 2, true);
    // Until the other thread has started.
    await requestAll(
      pool,
      Array.from({ length: 4 }, () => ({ milliseconds: 1 })),
    );
    const threads = await requestAll(
      pool,
      Array.from({ length: 40 }, () => ({ milliseconds: 5 })),
    );
    const byThread = Map.groupBy(threads, (thread) => thread);
    assert.equal(byThread.size, 2);
    assert.ok(
      [...byThread.values()].every(({ length }) => length >= 5),
      String(threads),
    );
  });

  test('leaves long requests to threads, and bounds how many wait', async (context) => {
    const pool = newPool(context, 2, true);
    let done = 0;
    let most = 0;
    const replies: Promise<number>[] = [];
    for (let sent = 1; sent <= 30; sent++) {
      await pool.ready();
      replies.push(pool.request({ milliseconds: 2, isLong: true }).finally(() => done++));
      most = Math.max(most, sent - done);
    }
    assert.equal(new Set(await Promise.all(replies)).size, 2);
    assert.ok(most <= 9, `${most} under way`);
    assert.ok((await Promise.all(replies)).every((thread) => thread > 0));
  });

  test('does everything in its owner, one after another, where it may have no threads', async (context) => {
    const threads = await requestAll(
      newPool(context, 0, true),
      Array.from({ length: 10 }, () => ({ milliseconds: 1 })),
    );
    assert.deepEqual(threads, new Array(10).fill(0));
  });

  test('does everything in its threads where its owner takes no part', async (context) => {
    const threads = await requestAll(
      newPool(context, 2, false),
      Array.from({ length: 20 }, () => ({ milliseconds: 2 })),
    );
    assert.equal(new Set(threads).size, 2);
    assert.ok(threads.every((thread) => thread > 0));
  });

  test('brings an error from its thread with code and advice, and goes on', async (context) => {
    const pool = newPool(context, 1, false);
    await assert.rejects(pool.request({ milliseconds: 1, ends: 'in failure' }), (error: unknown) => {
      assert.ok(error instanceof VarveError);
      assert.deepEqual([error.code, error.advice], ['FAILED', 'none']);
      return true;
    });
    assert.ok((await pool.request({ milliseconds: 1 })) > 0);
  });

  test('rejects what a thread had to do that died, and everything after that', async (context) => {
    const pool = newPool(context, 1, false);
    const requests = [pool.request({ milliseconds: 1, ends: 'the thread' }), pool.request({ milliseconds: 1 })];
    for (const request of requests) await assert.rejects(request, { code: 'WORKER_EXIT' });
    await pool.ready();
    await assert.rejects(pool.request({ milliseconds: 1 }), { code: 'WORKER_EXIT' });
  });

  test('answers what is urgent while something else is waited for', async (context) => {
    const pool = newPool(context, 1, false);
    const answered: string[] = [];
    const note = (what: string) => () => void answered.push(what);
    const slow = pool.request({ milliseconds: 300 }).then(note('slow'));
    const next = pool.request({ milliseconds: 1 }).then(note('next'));
    await pool.request({ milliseconds: 1, isUrgent: true }).then(note('urgent'));
    await Promise.all([slow, next]);
    assert.deepEqual(answered, ['urgent', 'slow', 'next']);
  });

  test('rejects what is under way when it is closed', async (context) => {
    const pool = newPool(context, 1, false);
    assert.ok((await pool.request({ milliseconds: 1 })) > 0);
    const reply = assert.rejects(pool.request({ milliseconds: 60_000 }));
    await pool.close();
    await reply;
  });
});
