import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { weightIn } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { randomHistory } from '../../../test/support/catalogue/random-history.ts';
import { campaignRandom } from '../../../test/support/random.ts';
import type { ByteName } from '../../base/names.ts';
import { History } from './history.ts';
import { sizesOf } from './sizes.ts';

describe('sizes over time', () => {
  it('are what they were at every time, of every path', (context) => {
    const database = newCatalogue(context);
    const writer = randomHistory(database, campaignRandom(context), 150);
    writer.writeSums();
    const history = new History(database);
    const { recorded } = writer;
    const paths = [...new Set(recorded.flatMap(({ tree }) => [...tree.keys()]))];
    for (const path of paths) {
      const found = sizesOf(
        history,
        path as ByteName,
        recorded.map(({ time }) => time),
      );
      const expected = recorded.map(({ time, tree }) => ({ time, ...weightIn(tree, path) }));
      assert.deepEqual(found, expected, path);
    }
  });
});
