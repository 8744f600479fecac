import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve } from '../support/varve.ts';
import { startWatching } from '../support/watching.ts';

/** Two folders with a file each, and a home beside them. */
function prepare(context: TestContext): { home: string; stays: string; goes: string } {
  const top = fs.realpathSync(scratchFolder(context));
  const [stays, goes] = [join(top, 'stays'), join(top, 'what goes')] as const;
  for (const folder of [stays, goes]) {
    fs.mkdirSync(folder);
    fs.writeFileSync(join(folder, 'file'), `in ${folder}\n`);
  }
  return { home: join(top, 'home'), stays, goes };
}

function rootsOf(home: string): string[] {
  const lines = varve(home, ['roots', '--json'])
    .stdout.split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line).path);
}

describe('roots --remove', () => {
  it('has a daemon watch a folder no more, which goes on with the others', async (context) => {
    const { home, stays, goes } = prepare(context);
    const watching = await startWatching(context, home, [stays, goes]);
    const then = new Date().toISOString();
    const { status, stdout, stderr } = varve(home, ['roots', '--remove', '--json', goes]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { path: goes });
    assert.deepEqual(rootsOf(home), [stays]);

    // With its content from the first moment on: whoever looks before that is written is told of a change.
    for (const folder of [stays, goes]) {
      fs.writeFileSync(`${folder}.new`, 'x');
      fs.renameSync(`${folder}.new`, join(folder, 'new'));
    }
    watching.ask('sync-point');
    const events = watching.ask('events').map(({ kind, path }) => `${kind} ${path}`);
    assert.deepEqual(events, [`unwatched ${goes}`, `created ${join(stays, 'new')}`]);
    assert.equal(varve(home, ['cat', `${join(goes, 'file')}@${then}`]).stdout, `in ${goes}\n`);
    assert.equal(varve(home, ['check']).status, 0);
    assert.equal((await watching.end('SIGTERM')).status, 0);

    const again = varve(home, ['start', '--once', '--json']);
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(
      JSON.parse(again.stdout).roots.map(({ path }: { path: string }) => path),
      [stays],
    );
  });

  it('works where no daemon runs, and the past of the folder can be restored', (context) => {
    const { home, stays, goes } = prepare(context);
    assert.equal(varve(home, ['start', '--once', stays, goes]).status, 0);
    const then = new Date().toISOString();
    const removed = varve(home, ['roots', '--remove', goes]);
    assert.equal(removed.status, 0, removed.stderr);
    assert.deepEqual(rootsOf(home), [stays]);
    assert.equal(varve(home, ['check']).status, 0);
    const target = join(home, 'back');
    const restored = varve(home, ['restore', `${goes}@${then}`, target]);
    assert.equal(restored.status, 0, restored.stderr);
    assert.equal(fs.readFileSync(join(target, 'file'), 'utf8'), `in ${goes}\n`);
    assert.match(varve(home, ['log', join(goes, 'file')]).stdout, /unwatched.*found/s);
    assert.match(varve(home, ['cat', join(goes, 'file')]).stderr, /no folder that is watched/);
  });

  it('knows a folder that is gone by a path with links', (context) => {
    const { home, stays, goes } = prepare(context);
    assert.equal(varve(home, ['start', '--once', stays, goes]).status, 0);
    fs.rmSync(goes, { recursive: true });
    fs.symlinkSync(dirname(goes), `${home} link`);
    const removed = varve(home, ['roots', '--remove', join(`${home} link`, basename(goes))]);
    assert.equal(removed.status, 0, removed.stderr);
    assert.deepEqual(rootsOf(home), [stays]);
  });

  it('is not needed to watch a folder around others: it takes them over', (context) => {
    const { home, stays } = prepare(context);
    const inner = join(stays, 'inner');
    fs.mkdirSync(inner);
    fs.writeFileSync(join(inner, 'file'), 'x');
    assert.equal(varve(home, ['start', '--once', inner]).status, 0);
    fs.renameSync(inner, join(stays, 'away'));
    const missing = varve(home, ['start', '--once', stays]);
    assert.equal(missing.status, 2, missing.stderr);
    assert.ok(missing.stderr.includes(`roots --remove ${inner}`), missing.stderr);
    fs.renameSync(join(stays, 'away'), inner);
    const joined = varve(home, ['start', '--once', stays]);
    assert.equal(joined.status, 0, joined.stderr);
    assert.deepEqual(rootsOf(home), [stays]);
    assert.equal(varve(home, ['check']).status, 0);
  });

  it('refuses what is no watched folder, and says which are', (context) => {
    const { home, stays } = prepare(context);
    const none = varve(home, ['roots', '--remove', stays]);
    assert.deepEqual([none.status, /Nothing is watched/.test(none.stderr)], [1, true], none.stderr);
    assert.equal(varve(home, ['start', '--once', stays]).status, 0);
    const other = varve(home, ['roots', '--remove', join(stays, 'file')]);
    assert.equal(other.status, 1);
    assert.ok(other.stderr.includes(`Watched are: ${stays}`), other.stderr);
    for (const wrong of [['--remove'], [stays], ['--remove', '--suggest', stays]]) assert.equal(varve(home, ['roots', ...wrong]).status, 2);
    assert.deepEqual(rootsOf(home), [stays]);
  });
});
