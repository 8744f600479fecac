/** What the bundle keeps of a command's compiled code. `npm test` has made the bundle before. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { version } from '../src/cli/version.ts';
import { scratchFolder } from './support/scratch.ts';

const MAIN = join(import.meta.dirname, '../build/bundle/main.cjs');

describe('the bundled command', () => {
  it('keeps the code of a command that has succeeded, and runs it the next time', (context) => {
    const { run, kept } = inCache(context);
    assert.equal(run('--version'), `${version()}\n`);
    const code = readFileSync(kept('--version'));
    assert.equal(run('--version'), `${version()}\n`);
    assert.deepEqual(readFileSync(kept('--version')), code);
  });

  it('runs no code that was spoilt or cut off, and keeps it anew', (context) => {
    const { run, kept } = inCache(context);
    run('--version');
    const whole = readFileSync(kept('--version'));
    const spoilt = Buffer.from(whole);
    spoilt[whole.length >> 2] = (spoilt[whole.length >> 2] as number) ^ 1;
    for (const bytes of [spoilt, whole.subarray(0, whole.length - 2), Buffer.alloc(0), Buffer.alloc(whole.length)]) {
      writeFileSync(kept('--version'), bytes);
      assert.equal(run('--version'), `${version()}\n`);
      assert.equal(readFileSync(kept('--version')).length, whole.length);
    }
  });

  it('keeps nothing of a command that has failed, or that there is not', (context) => {
    const { run, kept, folder } = inCache(context);
    run('search', 'x');
    run('no-such-command');
    run('../search');
    assert.ok(!existsSync(kept('search')));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('program-')),
      [],
    );
  });
});

function inCache(context: TestContext) {
  const folder = scratchFolder(context);
  const env = { ...process.env, NODE_COMPILE_CACHE: folder, VARVE_HOME: join(folder, 'home') };
  return {
    folder,
    run: (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { env, encoding: 'utf8' }).stdout,
    kept: (command: string) => join(folder, readdirSync(folder).find((name) => name.startsWith('program-')) ?? 'none', command),
  };
}
