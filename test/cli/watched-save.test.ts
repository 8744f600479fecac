/** `varve save` beside a daemon that watches, all of them real processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve, varveCommand, varveEnv } from '../support/varve.ts';

const LIMIT = { timeout: 120_000, skip: process.platform !== 'linux' && 'folders are watched as Linux does' };

async function watched(context: TestContext) {
  const top = realpathSync(scratchFolder(context));
  const [home, docs] = [join(top, 'home'), join(top, 'docs')];
  mkdirSync(docs);
  writeFileSync(join(docs, 'one'), 'one');
  const [file, args] = varveCommand('start', docs, '--json');
  const daemon = spawn(file, args, { env: varveEnv(home), stdio: ['ignore', 'pipe', 'ignore'] });
  context.after(async () => {
    daemon.kill('SIGKILL');
    if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
  });
  // It tells its state when everything was scanned and hashed.
  await once(daemon.stdout, 'data');
  return { home, docs, save: (...options: string[]) => varve(home, ['save', docs, ...options]) };
}

describe('save of a watched folder', LIMIT, () => {
  it('looks at what has changed, says so, and comes to the tree of a full save', async (context) => {
    const { docs, save } = await watched(context);
    assert.match(save('--verbose').stderr, /Looking at everything, because it was not saved before while it was watched\./);
    writeFileSync(join(docs, 'two'), 'two');
    const quick = save('--verbose');
    assert.match(quick.stderr, /Looking at \d+ paths?: the catalogue knows of no other changes\./);
    assert.match(quick.stdout, /^Saved 2 files, 6 B, in/);
    const full = save('--no-catalogue', '--verbose');
    assert.doesNotMatch(full.stderr, /Looking/);
    assert.match(full.stdout, /^Saved 2 files and 1 folder/);
    assert.equal(quick.stdout.trim().split(' ').at(-1), full.stdout.trim().split(' ').at(-1));
  });

  it('builds upon no tree from before a save that has looked at everything', async (context) => {
    const { docs, save } = await watched(context);
    save();
    assert.match(save('--verbose').stderr, /Looking at \d+ paths?:/);
    save('--no-catalogue', '--dry-run');
    assert.match(save('--verbose').stderr, /Looking at \d+ paths?:/);
    writeFileSync(join(docs, 'one'), 'two');
    save('--no-catalogue');
    assert.match(save('--verbose').stderr, /Looking at everything/);
  });

  it('counts no folders in JSON', async (context) => {
    const { save } = await watched(context);
    assert.equal(JSON.parse(save('--json').stdout).directories, 1);
    assert.equal('directories' in JSON.parse(save('--json').stdout), false);
  });

  it('goes on without a daemon that was killed', async (context) => {
    const { home, docs, save } = await watched(context);
    save();
    const { pid } = JSON.parse(varve(home, ['status', '--json']).stdout);
    process.kill(pid, 'SIGKILL');
    writeFileSync(join(docs, 'three'), 'three');
    const { stdout, stderr, status } = save('--verbose');
    assert.equal(status, 0);
    assert.match(stderr, /Looking at everything, because/);
    assert.match(stdout, /^Saved 2 files and 1 folder/);
  });
});
