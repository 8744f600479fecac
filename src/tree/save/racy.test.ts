import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stat } from '../../sys/stat.ts';
import { isRacy, millisecondsUntilChangesShow } from './racy.ts';

/** The stat of a file that was changed so long ago. */
function changed(millisecondsAgo: number): Stat {
  const stat = new Stat();
  const view = new DataView(stat.bytes.buffer);
  const at = Date.now() - millisecondsAgo;
  // stx_ctime of struct statx.
  view.setBigInt64(96, BigInt(Math.floor(at / 1000)), true);
  view.setUint32(104, (at % 1000) * 1e6, true);
  return stat;
}

test('a file is trusted when it was not changed within the last steps of the clock', () => {
  assert.equal(isRacy(changed(0)), true);
  assert.equal(isRacy(changed(10_000)), false);
});

test('what was changed just now is waited for, shortly; what lies before, or in the future, is not', () => {
  const wait = millisecondsUntilChangesShow(changed(0));
  assert.ok(wait > 0 && wait <= 11, `${wait}`);
  assert.equal(millisecondsUntilChangesShow(changed(1000)), 0);
  assert.equal(millisecondsUntilChangesShow(changed(-60_000)), 0);
});
