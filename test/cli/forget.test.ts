import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve } from '../support/varve.ts';

/** A home whose archive docs has four revisions. */
function fourRevisions(context: TestContext) {
  const top = scratchFolder(context);
  const run = (...args: string[]) => varve(join(top, 'home'), args, { cwd: top });
  mkdirSync(join(top, 'docs'));
  for (const text of ['one', 'two', 'three', 'four']) {
    writeFileSync(join(top, 'docs/file'), `${text}\n`.repeat(1000));
    assert.equal(run('save', 'docs', '--tag', text).status, 0);
  }
  return { top, run, revisions: () => run('log', 'docs', '--json').stdout.trim().split('\n').length };
}

describe('forget', () => {
  it('drops what no rule keeps, lists it first, and gc frees its space', (context) => {
    const { run, revisions } = fourRevisions(context);
    const { status, stdout } = run('forget', 'docs', '--keep-last', '1', '--keep-tag', 'two');
    assert.equal(status, 0);
    assert.equal(stdout.match(/^drop /gm)?.length, 2);
    assert.equal(revisions(), 2);
    const freed = JSON.parse(run('gc', '--json').stdout);
    assert.ok(freed.deadBlocks > 0);
    assert.ok(run('cat', 'docs@two:/file').stdout === 'two\n'.repeat(1000));
    assert.equal(run('verify').status, 0);
  });

  it('drops nothing with --dry-run', (context) => {
    const { run, revisions } = fourRevisions(context);
    const { stdout } = run('forget', 'docs', '--keep-last', '1', '--dry-run', '--json');
    assert.equal(JSON.parse(stdout).dropped.length, 3);
    assert.equal(revisions(), 4);
  });

  it('never drops a pinned revision', (context) => {
    const { run, revisions } = fourRevisions(context);
    assert.equal(run('tag', 'docs@one', '--pin').status, 0);
    assert.equal(run('forget', 'docs', '--keep-none').status, 0);
    assert.equal(revisions(), 1);
    assert.equal(run('forget', 'docs@one').status, 2);
  });

  it('drops a single revision by its name', (context) => {
    const { run, revisions } = fourRevisions(context);
    assert.equal(run('forget', 'docs@two').status, 0);
    assert.equal(revisions(), 3);
    assert.equal(run('ls', 'docs@two').status, 2);
  });

  it('refuses to drop everything unless told to', (context) => {
    const { top, run, revisions } = fourRevisions(context);
    assert.equal(run('forget', 'docs').status, 2);
    const before = readFileSync(join(top, 'home/store/archives/docs.varve'), 'utf8');
    assert.equal(run('forget', 'docs', '--keep-tag', 'nothing').status, 2);
    assert.equal(readFileSync(join(top, 'home/store/archives/docs.varve'), 'utf8'), before);
    assert.equal(revisions(), 4);
  });
});
