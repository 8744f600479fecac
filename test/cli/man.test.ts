import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { CATALOGUE, loadAllCommands } from '../../src/cli/catalogue.ts';
import { commandPage, programPage } from '../../src/cli/help/man-page.ts';
import { skipUnless } from '../support/scratch.ts';

describe('manual pages', () => {
  it('are sound roff', { skip: process.platform === 'win32' && 'Windows has no man' }, async (context) => {
    if (skipUnless(context, spawnSync('mandoc', ['-V']).error === undefined, 'mandoc is not installed')) return;
    const pages = [programPage(CATALOGUE, '1.2.3'), ...(await loadAllCommands()).map((command) => commandPage(command, '1.2.3'))];
    for (const page of pages) {
      const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning'], { input: page, encoding: 'utf8' });
      assert.equal(stdout.replace(/^.*(missing date|cannot parse date).*\n/gm, ''), '', page.slice(0, 40));
    }
  });
});
