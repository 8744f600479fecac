/** What `varve dups` does with further copies, tried from outside. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { type VarveRun, varve } from '../support/varve.ts';

describe('varve dups with an action', () => {
  it('prints what it would do, and does it with --yes', (context) => {
    const { folder, run } = copies(context);
    const preview = run('--link');
    assert.equal(preview.stdout, `3 × 4 B, 8 B in further copies\n  ${folder}/a\n= ${folder}/b\n= ${folder}/c\n`);
    assert.match(preview.stderr, /2 copies would be linked, 8 B freed; --yes does it\./);
    assert.equal(statSync(join(folder, 'a')).nlink, 1);
    assert.match(run('--link', '--yes').stderr, /2 copies linked, 8 B freed\./);
    assert.equal(statSync(join(folder, 'a')).nlink, 3);
    assert.match(run('--link', '--yes').stderr, /Nothing is there twice/);
  });

  it('leaves what has another mode, lists it, and ends with status 3', (context) => {
    const { folder, run } = copies(context);
    chmodSync(join(folder, 'c'), 0o600);
    const { stdout, stderr, status } = run('--link', '--yes', '--json');
    const { actions } = JSON.parse(stdout.split('\n')[0] ?? '');
    assert.deepEqual(
      actions.map(({ path, done, error }: { path: string; done: boolean; error?: { code: string } }) => [path, done, error?.code]),
      [
        [`${folder}/b`, true, undefined],
        [`${folder}/c`, false, 'OTHER_METADATA'],
      ],
    );
    assert.match(stderr, /"code":"OTHER_METADATA"/);
    assert.equal(status, 3);
    assert.equal(run('--link', '--yes', '--ignore-metadata').status, 0);
    assert.equal(statSync(join(folder, 'a')).nlink, 3);
  });

  it('puts copies into the trash', (context) => {
    const { folder, run } = copies(context);
    assert.match(run('--trash', '--yes').stderr, /2 copies put into the trash\.\n/);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => existsSync(join(folder, name))),
      [true, false, false],
    );
    assert.equal(readFileSync(join(folder, '../data/Trash/files/b'), 'utf8'), 'same');
  });

  it('keeps none that is in a trash, and does nothing with those', (context) => {
    const { folder, run } = copies(context);
    mkdirSync(join(folder, '.varve-trash/yesterday'), { recursive: true });
    mkdirSync(join(folder, '.Trash-0/files'), { recursive: true });
    renameSync(join(folder, 'a'), join(folder, '.varve-trash/yesterday/a'));
    renameSync(join(folder, 'b'), join(folder, '.Trash-0/files/b'));
    assert.match(run('--trash', '--yes').stderr, /Nothing is there twice/);
    assert.equal(existsSync(join(folder, 'c')), true);
    writeFileSync(join(folder, 'd'), 'same');
    assert.match(run('--trash', '--yes').stderr, /1 copy put into the trash\.\n/);
    assert.deepEqual(
      ['.varve-trash/yesterday/a', '.Trash-0/files/b', 'c', 'd'].map((name) => existsSync(join(folder, name))),
      [true, true, true, false],
    );
  });

  it('wants one action, and no folders', (context) => {
    const { run } = copies(context);
    for (const options of [
      ['--link', '--trash'],
      ['--yes'],
      ['--link', '--yes', '--dry-run'],
      ['--link', '--folders'],
      ['--trash', '--ignore-metadata'],
    ])
      assert.equal(run(...options).status, 2, options.join(' '));
  });
});

function copies(context: TestContext): { readonly folder: string; readonly run: (...options: string[]) => VarveRun } {
  const home = scratchFolder(context);
  const folder = join(home, 'files');
  mkdirSync(folder);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), 'same');
  return { folder, run: (...options) => varve(home, ['dups', folder, ...options], { env: { XDG_DATA_HOME: join(home, 'data') } }) };
}
