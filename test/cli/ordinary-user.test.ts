/** What varve does for whoever is not root, and may look at little of the machine. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { canRunAsNobody, giveToNobody, runAsNobody } from '../support/nobody.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import type { VarveRun } from '../support/varve.ts';

interface User {
  /** A folder of theirs with a file. */
  readonly docs: string;
  run(...args: string[]): VarveRun;
}

function ordinaryUser(context: TestContext): User | undefined {
  const folder = fs.realpathSync(scratchFolder(context));
  const docs = join(folder, 'docs');
  fs.mkdirSync(docs);
  fs.writeFileSync(join(docs, 'note'), 'hello\n');
  giveToNobody('-R', folder);
  if (skipUnless(context, canRunAsNobody(folder), 'only root can take the rights of another user')) return undefined;
  return { docs, run: (...args) => runAsNobody(join(folder, 'home'), folder, args) };
}

describe('an ordinary user', () => {
  it('has a folder watched and kept, whatever of the system is closed', (context) => {
    const user = ordinaryUser(context);
    if (user === undefined) return;
    const { status, stdout, stderr } = user.run('start', '--once', '--json', user.docs);
    assert.equal(status, 0, stderr);
    const { nodes, kept } = JSON.parse(stdout).roots[0];
    assert.deepEqual({ nodes, kept }, { nodes: 2, kept: 1 });
    assert.equal(user.run('cat', join(user.docs, 'note@now')).stdout, 'hello\n');
  });

  it('is told that a folder that could never be listed is not known, and gets no empty one instead', (context) => {
    const user = ordinaryUser(context);
    if (user === undefined) return;
    const { docs, run } = user;
    fs.mkdirSync(join(docs, 'shut'), { mode: 0 });
    giveToNobody(join(docs, 'shut'));
    const started = run('start', '--once', docs);
    assert.equal(started.status, 3, started.stderr);

    const target = join(docs, '../restored');
    const restored = run('restore', `${docs}@now`, target);
    assert.equal(restored.status, 3, restored.stderr);
    assert.match(restored.stderr, /shut: it was never listed: what was in it is not known/);
    assert.deepEqual(fs.readdirSync(target), ['note']);

    for (const path of ['shut/file', 'shut/file@now']) {
      const { status, stderr } = run('cat', join(docs, path));
      assert.equal(status, 1);
      assert.match(stderr, /shut was never listed/);
    }
    for (const [path, printed] of [
      ['shut', ''],
      ['', 'note\nshut\n'],
    ] as const) {
      const { status, stdout, stderr } = run('ls', '-R', join(docs, path));
      assert.deepEqual([status, stdout], [3, printed]);
      assert.match(stderr, /shut: it was never listed/);
    }
  });
});
