import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../sys/clock.ts';
import { HeldEvents } from './held-events.ts';

/** Longer than scans may go on without end. */
const OVERDUE_MS = 1200;

function make(context: TestContext): { readonly held: boolean[]; readonly events: HeldEvents } {
  const held: boolean[] = [];
  const events = new HeldEvents((is) => held.push(is));
  context.after(() => events.release());
  return { held, events };
}

/** Scans of which each was asked for just now. */
const endless = {
  isIdle: false,
  get oldestMs() {
    return monotonicMs();
  },
};

test('events are held while scans go on without end, until nothing is left to scan', async (context) => {
  const { held, events } = make(context);
  events.taken(endless);
  await sleep(OVERDUE_MS);
  events.taken(endless);
  events.taken(endless);
  assert.deepEqual(held, [true]);
  events.release();
  events.release();
  assert.deepEqual(held, [true, false]);
  events.taken(endless);
  assert.deepEqual(held, [true, false], 'then it takes as long again');
});

test('events are not held for one scan that takes long, nor after a pause in which nothing was scanned', async (context) => {
  const { held, events } = make(context);
  const long = { isIdle: false, oldestMs: monotonicMs() };
  events.taken(long);
  await sleep(OVERDUE_MS);
  events.taken(long);
  events.release();
  events.taken({ isIdle: true, oldestMs: Number.POSITIVE_INFINITY });
  events.taken(endless);
  assert.deepEqual(held, []);
});

test('events are held for some seconds at most', async (context) => {
  const { held, events } = make(context);
  context.mock.timers.enable({ apis: ['setTimeout'] });
  events.taken(endless);
  const until = monotonicMs() + OVERDUE_MS;
  while (monotonicMs() < until);
  events.taken(endless);
  context.mock.timers.tick(5000);
  assert.deepEqual(held, [true, false]);
});
