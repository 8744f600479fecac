import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve } from '../support/varve.ts';

const runIn = (context: TestContext) => {
  const top = scratchFolder(context);
  return { top, run: (...args: string[]) => varve(join(top, 'home'), args, { cwd: top }) };
};

describe('config', () => {
  it('sets a value, says where each comes from, and takes it out again', (context) => {
    const { run } = runIn(context);
    assert.equal(run('config', 'set', 'save.threads', '3').status, 0);
    const got = JSON.parse(run('config', 'get', 'save.threads', '--json').stdout);
    assert.deepEqual([got.value, got.origin], [3, 'file']);
    assert.equal(run('config', 'get', 'save.threads', '--set', 'save.threads=5').stdout, '5\n');
    assert.equal(run('config', 'unset', 'save.threads').status, 0);
    assert.match(run('config', 'show').stdout, /^save\.threads +- +default$/m);
  });

  it('refuses a key that there is not, naming the nearest, and a value that does not fit', (context) => {
    const { run } = runIn(context);
    assert.match(run('config', 'set', 'save.threds', '3').stderr, /no setting save\.threds\nDid you mean save\.threads\?/);
    assert.equal(run('config', 'set', 'save.threads', 'many').status, 2);
  });

  it('gives a store on another disk a name', (context) => {
    const { run, top } = runIn(context);
    assert.equal(run('init', './other', '--hash', 'sha2-256').status, 0);
    assert.equal(run('config', 'set', 'stores.usb.path', join(top, 'other')).status, 0);
    assert.equal(JSON.parse(run('stats', '--store', 'usb', '--json').stdout).hash, 'sha2-256');
  });
});

describe('doctor', () => {
  it('finds nothing bad in a fresh home, and says what is bad in a faulty one', (context) => {
    const { run } = runIn(context);
    const findings = run('doctor', '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(findings.every(({ state }) => state !== 'bad'));
    const faulty = run('doctor', '--store', './none', '--json');
    assert.equal(faulty.status, 1);
    assert.match(faulty.stdout, /"check":"store","state":"bad".*varve init/);
  });
});
