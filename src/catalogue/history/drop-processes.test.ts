import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { dropProcesses } from './drop-processes.ts';

const DAY_NS = 86_400_000_000_000n;

test('processes that no event names any more are dropped, and no others', (context) => {
  const database = newCatalogue(context);
  const process = database.prepare('INSERT INTO process (id, pid, started) VALUES (?, ?, ?)');
  const event = database.prepare('INSERT INTO event (time, node, kind, origin, process) VALUES (0, 1, 0, 0, ?)');
  for (let id = 1; id <= 2000; id++) process.run(id, id, id > 1900 ? 10n * DAY_NS : 0n);
  for (let id = 10; id <= 1900; id += 10) event.run(id);
  const left = () =>
    database
      .prepare('SELECT id FROM process ORDER BY id')
      .all()
      .map(({ id }) => Number(id));
  for (const _ of dropProcesses(database, 10n * DAY_NS, 2000));
  assert.equal(left().length, 2000, 'these are few');
  let isFirst = true;
  for (const _ of dropProcesses(database, 10n * DAY_NS, 100)) {
    // Another has come in the meantime.
    if (isFirst) event.run(1899);
    isFirst = false;
  }
  const expected = Array.from({ length: 2000 }, (_, i) => i + 1).filter((id) => id % 10 === 0 || id > 1900 || id === 1899);
  assert.deepEqual(left(), expected);
});
