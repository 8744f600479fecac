/** What varve does for whoever is not root, and may look at little of the machine. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { canRunAsNobody, giveToNobody, runAsNobody } from '../support/nobody.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import type { VarveRun } from '../support/varve.ts';

interface User {
  /** Where a home is not made yet, in a folder of theirs. */
  readonly home: string;
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
  const home = join(folder, 'home');
  return { home, docs, run: (...args) => runAsNobody(home, folder, args) };
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

  it('is not told that a folder is missing which they cannot look at any more', (context) => {
    const user = ordinaryUser(context);
    if (user === undefined) return;
    const inner = join(user.docs, 'inner');
    fs.mkdirSync(inner);
    giveToNobody(inner);
    assert.equal(user.run('start', '--once', inner).status, 0);
    fs.chownSync(user.docs, 0, 0);
    fs.chmodSync(user.docs, 0o700);
    const { status, stdout, stderr } = user.run('status', '--json');
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).roots[0].missing, false);
  });

  it('hears of the doctor that the home belongs to somebody else', (context) => {
    const user = ordinaryUser(context);
    if (user === undefined) return;
    fs.mkdirSync(user.home);
    const { status, stdout } = user.run('doctor', '--json');
    assert.equal(status, 1, stdout);
    const findings = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { check: string; state: string; found: string });
    const home = findings.find(({ check }) => check === 'home');
    assert.deepEqual([home?.state, home?.found], ['bad', `${user.home} cannot be written, which the catalogue needs`]);
  });

  it('is told at once that a watcher for the privileged does not work, and what to do', (context) => {
    const user = ordinaryUser(context);
    if (user === undefined || skipUnless(context, process.platform === 'linux', 'only Linux has fanotify')) return;
    const { status, stderr } = user.run('start', '--watcher', 'fanotify', user.docs);
    assert.equal(status, 1);
    assert.match(stderr, /^varve: changes cannot be watched here: fanotify: .*CAP_SYS_ADMIN.*\nLeave out --watcher: .*\n$/);
  });

  it('is told that a catalogue of somebody else may not be read, and not that there is none', (context) => {
    const folder = fs.realpathSync(scratchFolder(context));
    const own = join(folder, 'own');
    fs.mkdirSync(own);
    giveToNobody(folder, own);
    if (skipUnless(context, canRunAsNobody(own), 'only root can take the rights of another user')) return;
    const home = join(folder, 'home');
    const file = join(home, 'catalogue.db');
    fs.mkdirSync(home, { mode: 0o755 });
    const events = () => runAsNobody(home, own, ['events']);
    assert.match(events().stderr, /there is no catalogue yet/);
    fs.writeFileSync(file, '', { mode: 0o600 });
    const isRefused = (said: string) => assert.ok(said.includes(`${file}: permission denied (EACCES)`), said);
    isRefused(events().stderr);
    fs.chmodSync(home, 0o700);
    for (const command of ['events', 'search', 'blame']) isRefused(runAsNobody(home, own, [command]).stderr);
    assert.match(runAsNobody(home, own, ['doctor']).stdout, /watching/);
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
