import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { skipUnless } from '../../test/support/scratch.ts';

/** What another process with some rights finds of itself. */
const PRINTED = `
  import { hasCapability } from ${JSON.stringify(new URL('./rights.ts', import.meta.url).href)};
  console.log(['CAP_SYS_ADMIN', 'CAP_DAC_READ_SEARCH'].map(hasCapability).join(' '));`;
const NODE = [process.execPath, '--input-type=module', '--eval', PRINTED];

describe('the rights of a process', { skip: process.platform !== 'linux' && 'only Linux has capabilities' }, () => {
  for (const [kept, found] of [
    ['+sys_admin,+dac_read_search', 'true true'],
    ['+dac_read_search', 'false true'],
    ['+sys_admin', 'true false'],
    ['-all', 'false false'],
  ] as const)
    it(`are told one by one: ${kept}`, (context) => {
      const may = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
      if (skipUnless(context, may, 'needs root and setpriv')) return;
      // Without a right to it in the bounding set, not even root gets it.
      const args = ['--bounding-set', kept === '-all' ? kept : `-all,${kept}`, '--inh-caps', '-all', ...NODE];
      assert.equal(execFileSync('setpriv', args, { encoding: 'utf8' }), `${found}\n`);
    });
});
