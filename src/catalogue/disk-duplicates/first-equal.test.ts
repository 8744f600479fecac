import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { campaignRandom } from '../../../test/support/random.ts';
import { firstEqual, hashOfNumber, repeated } from './first-equal.ts';

describe('the first equal item', () => {
  it('is what looking at each before finds, whatever the hashes', (context) => {
    const random = campaignRandom(context);
    for (let round = 0; round < 50; round++) {
      const items = Array.from({ length: random.below(300) }, () => random.below(60) * 2 ** random.below(50));
      const bits = random.below(32);
      const first = firstEqual(
        items.length,
        (i) => hashOfNumber(items[i] as number) >>> bits,
        (a, b) => items[a] === items[b],
      );
      assert.deepEqual(
        [...first],
        items.map((item) => items.indexOf(item)),
      );
      assert.deepEqual(
        repeated(first),
        [...items.keys()].filter((i) => items.filter((other) => other === items[i]).length > 1),
      );
    }
  });
});
