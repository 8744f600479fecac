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
});
