import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { EventTimes } from './event-times.ts';

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
const DAY = 86_400;

/** Events 1, 2, … that say such times, in seconds behind START. */
function eventsAt(context: TestContext, seconds: readonly number[]): DatabaseSync {
  const database = newCatalogue(context);
  const insert = database.prepare('INSERT INTO event (time, node, kind, origin) VALUES (?, 1, 1, 0)');
  for (const each of seconds) insert.run(START + BigInt(each) * SECOND);
  return database;
}

/** What they count as, in seconds behind START. */
function timesOf(database: DatabaseSync, now: number): number[] {
  const reading = EventTimes.read(database, START + BigInt(now) * SECOND);
  let result = reading.next();
  while (!result.done) result = reading.next();
  const times = result.value;
  const rows = database.prepare('SELECT id, time FROM event ORDER BY id');
  rows.setReadBigInts(true);
  return rows.all().map(({ id, time }) => Number((times.of(Number(id), time as bigint) - START) / SECOND));
}

test('events have the times that they say, also where these go back a little', (context) => {
  assert.deepEqual(timesOf(eventsAt(context, [0, 5, 4, 7]), 9), [0, 5, 4, 7]);
});

test('what a clock behind says counts as of the next event whose time can be right, or of now', (context) => {
  const database = eventsAt(context, [0, -50 * DAY, -40 * DAY, DAY, DAY + 1, -DAY]);
  assert.deepEqual(timesOf(database, 2 * DAY), [0, DAY, DAY, DAY, DAY + 1, 2 * DAY]);
});

test('so does what a clock ahead says, whose time makes no later one wrong', (context) => {
  const database = eventsAt(context, [0, 90 * DAY, 91 * DAY, DAY, 2 * DAY, 90 * DAY]);
  assert.deepEqual(timesOf(database, 3 * DAY), [0, DAY, DAY, DAY, 2 * DAY, 3 * DAY]);
});

test('nothing happened before what was forgotten, nor in 1970', (context) => {
  const database = eventsAt(context, [Number(-START / SECOND), 2 * DAY]);
  assert.deepEqual(timesOf(database, 3 * DAY), [2 * DAY, 2 * DAY]);
  const forget = database.prepare('INSERT INTO property VALUES (?, ?)');
  forget.run('forgottenEvent', 0);
  forget.run('forgottenTime', START + BigInt(5 * DAY) * SECOND);
  assert.deepEqual(timesOf(database, 6 * DAY), [6 * DAY, 6 * DAY]);
});
