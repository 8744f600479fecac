import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { RotationChore } from './rotation.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A chore, and a machine of which the clock can be set. */
function rotation(database: ReturnType<typeof newCatalogue>) {
  const machine = { wallMs: 1_000 * DAY_MS, upMs: 5000 };
  const clock = { wallNs: () => BigInt(machine.wallMs) * 1_000_000n, uptimeMs: () => machine.upMs };
  const start = () =>
    new RotationChore(database, {
      settings: { maxAge: undefined, maxEvents: undefined, retention: undefined },
      retentionOf: () => undefined,
      areOwnersKnown: () => true,
      onReleased: () => {},
      clock,
    });
  const pass = (ms: number) => {
    machine.wallMs += ms;
    machine.upMs += ms;
  };
  return { machine, start, pass };
}

test('the history is rotated once a day', (context) => {
  const { start, pass } = rotation(newCatalogue(context));
  const chore = start();
  assert.equal(chore.dueInMs(), 0);
  for (const _ of chore.run());
  assert.equal(chore.dueInMs(), DAY_MS + 1);
  pass(DAY_MS);
  assert.equal(chore.dueInMs(), 0);
});

test('a clock that shows another year for a while makes nothing be forgotten', (context) => {
  const { machine, start, pass } = rotation(newCatalogue(context));
  const chore = start();
  for (const _ of chore.run());
  pass(HOUR_MS);
  machine.wallMs += 3650 * DAY_MS;
  assert.equal(chore.dueInMs(), HOUR_MS);
  pass(HOUR_MS / 2);
  assert.equal(chore.dueInMs(), HOUR_MS / 2);
  // Also where it shows that from the start on.
  assert.equal(start().dueInMs(), HOUR_MS);
  machine.wallMs -= 3650 * DAY_MS;
  assert.ok(chore.dueInMs() > 22 * HOUR_MS);
});

test('a machine that was off for long rotates when its clock has gone along with it for an hour', (context) => {
  const { start, pass } = rotation(newCatalogue(context));
  for (const _ of start().run());
  pass(100 * DAY_MS);
  const chore = start();
  pass(HOUR_MS);
  assert.equal(chore.dueInMs(), 0);
});
