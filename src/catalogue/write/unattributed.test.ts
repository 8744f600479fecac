import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { UnattributedEvents } from './unattributed.ts';

const SECOND = 1_000_000_000n;

test('events that nobody is known to have caused are remembered for a while, and not for ever', (context) => {
  const database = newCatalogue(context);
  database.exec('INSERT INTO event (id, time, node, kind, origin) VALUES (1, 0, 7, 0, 0), (2, 0, 8, 0, 0)');
  const processOf = (event: number) => database.prepare('SELECT process FROM event WHERE id = ?').get(event)?.process;
  const events = new UnattributedEvents(database);
  events.add(7, 1, 0n);
  events.add(8, 2, 5n * SECOND);
  assert.equal(events.size, 2);
  events.add(9, 3, 11n * SECOND);
  assert.equal(events.size, 2, 'the first is too old by now');
  events.told(7, 42, 11n * SECOND);
  events.told(8, 42, 11n * SECOND);
  assert.deepEqual([processOf(1), processOf(2)], [null, 42]);
  events.add(10, 4, 60n * SECOND);
  assert.equal(events.size, 1);
  database.exec('INSERT INTO event (id, time, node, kind, origin) VALUES (4, 0, 10, 0, 0)');
  events.told(10, 42, 30n * SECOND);
  assert.equal(processOf(4), null, 'the clock was set back, and nobody knows by how much');
});
