import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NaiveWriter } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { nameFromText } from '../../base/names.ts';
import { History } from './history.ts';
import { gapAt } from './journals.ts';

const FILE = nameFromText('/docs/file');

it('a time lies also in the gap that is written only by the next start', (context) => {
  const database = newCatalogue(context);
  const { time: added } = new NaiveWriter(database, '/docs');
  const history = new History(database);
  const openedAt = (time: bigint) => gapAt(history, FILE, time, 'not running')?.opened;
  assert.equal(openedAt(added - 1n), undefined);
  assert.equal(openedAt(added + 20n), added, 'nothing is known to have been observed');
  database.prepare("INSERT INTO property VALUES ('observedUntil', ?)").run(added + 10n);
  assert.equal(openedAt(added + 9n), undefined);
  assert.equal(openedAt(added + 20n), added + 10n);
  assert.equal(gapAt(history, FILE, added + 20n), undefined, 'what is observed has none');
});

it('a gap that is open says itself why changes may have been missed, running or not', (context) => {
  const database = newCatalogue(context);
  const { time } = new NaiveWriter(database, '/docs');
  const history = new History(database);
  database.prepare("INSERT INTO gap VALUES (1, 1, 'root gone', ?, NULL, 0)").run(time + 5n);
  for (const unobserved of [undefined, 'not running']) assert.equal(gapAt(history, FILE, time + 9n, unobserved)?.reason, 'root gone');
});
