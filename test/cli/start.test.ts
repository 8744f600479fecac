import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve, varveEnv } from '../support/varve.ts';

describe('start', () => {
  it('ends with commands that work when they are pasted', {
    skip: process.platform === 'win32' && 'they are for a POSIX shell',
  }, (context) => {
    const top = scratchFolder(context);
    const home = join(top, 'a home');
    const docs = join(top, "Anna's docs");
    mkdirSync(docs);
    writeFileSync(join(docs, 'read me.txt'), 'hello\n');
    const { status, stdout } = varve(home, ['start', docs], { cwd: top });
    assert.equal(status, 0);
    const steps = stdout.slice(stdout.indexOf('What to type next:')).trimEnd().split('\n').slice(1);
    assert.ok(steps.length >= 6);
    const outputs = new Map<string, string>();
    for (const step of steps) {
      const [, name = '', command = ''] = /^ {2}(\S+(?: \S+)?) {2,}(.*)$/.exec(step) ?? [];
      // The same Node as runs the tests, before any that may be on PATH.
      const env = { ...varveEnv(home), PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
      const pasted = spawnSync('bash', ['-c', command], { cwd: top, env, encoding: 'utf8' });
      assert.equal(pasted.status, 0, `${step}\n${pasted.stderr}`);
      outputs.set(name, pasted.stdout);
    }
    assert.equal(outputs.get('read'), 'hello\n');
    assert.equal(outputs.get('search'), 'read me.txt\n');
  });

  it('takes several folders, one after the other', (context) => {
    const top = scratchFolder(context);
    for (const name of ['one', 'two']) {
      mkdirSync(join(top, name));
      writeFileSync(join(top, name, 'file'), name);
    }
    const { status, stdout } = varve(join(top, 'home'), ['start', 'one', 'two', '--json'], { cwd: top });
    assert.equal(status, 0);
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).archive),
      ['one', 'two'],
    );
  });
});
