import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import { skipUnless } from '../../../test/support/scratch.ts';
import { system } from '../system.ts';
import { lastErrno, libc } from './libc.ts';

test('why a call failed is known until the next one fails, whatever the engine does meanwhile', (context) => {
  if (skipUnless(context, system().capabilities.implementation === 'linux', 'elsewhere libc is not called')) return;
  assert.equal(libc.close(-1), -1);
  assert.equal(existsSync('/nothing/is/here'), false);
  assert.equal(lastErrno(), constants.errno.EBADF);
});
