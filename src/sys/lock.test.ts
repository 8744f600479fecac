import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { conformance } from '../../test/support/systems.ts';
import { nameFromText } from '../base/names.ts';
import { lockWait } from './lock-wait.ts';

const name = nameFromText;

conformance(
  'an exclusive lock shuts out every other open file, a shared one only exclusive ones',
  ({ system, directory }) => {
    const first = directory.openFile(name('file'), 'create');
    const second = directory.openFile(name('file'), 'create');
    assert.equal(system.lock(first, 'exclusive'), true);
    assert.equal(system.lock(second, 'shared'), false);
    assert.equal(system.lock(first, 'shared'), true);
    assert.equal(system.lock(second, 'shared'), true);
    assert.equal(system.lock(first, 'exclusive'), false);
    system.unlock(second);
    assert.equal(system.lock(first, 'exclusive'), true);
    system.closeFile(first);
    assert.equal(system.lock(second, 'exclusive'), true);
    system.closeFile(second);
  },
  'locks',
);

conformance(
  'waiting for a lock ends when it is free',
  async ({ system, directory }) => {
    const holder = directory.openFile(name('file'), 'create');
    const waiter = directory.openFile(name('file'), 'create');
    system.lock(holder, 'exclusive');
    let waiting = true;
    const taken = lockWait(system, waiter, 'exclusive').then(() => {
      waiting = false;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(waiting, true);
    system.unlock(holder);
    await taken;
    assert.equal(system.lock(holder, 'shared'), false);
    system.closeFile(holder);
    system.closeFile(waiter);
  },
  'locks',
);

conformance(
  'waiting for a lock ends with the reason of the signal',
  async ({ system, directory }) => {
    const holder = directory.openFile(name('file'), 'create');
    const waiter = directory.openFile(name('file'), 'create');
    system.lock(holder, 'exclusive');
    const controller = new AbortController();
    const outcome = lockWait(system, waiter, 'shared', controller.signal);
    controller.abort(new Error('enough'));
    await assert.rejects(outcome, { message: 'enough' });
    system.unlock(holder);
    assert.equal(system.lock(holder, 'exclusive'), true);
    system.closeFile(holder);
    system.closeFile(waiter);
  },
  'locks',
);

conformance(
  'a lock dies with its process, however that ends',
  async ({ system, directory, path }) => {
    const child = holdLock(join(path, 'file'));
    await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
    const fd = directory.openFile(name('file'), 'create');
    assert.equal(system.lock(fd, 'shared'), false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await lockWait(system, fd, 'exclusive', AbortSignal.timeout(10_000));
    system.closeFile(fd);
  },
  'locks',
);

/** A process that locks the file, says so, and stays. */
function holdLock(path: string): ChildProcess {
  const source = `
    import { openSync } from 'node:fs';
    import { system } from ${JSON.stringify(new URL('./system.ts', import.meta.url).href)};
    const fd = openSync(${JSON.stringify(path)}, 'a+');
    console.log(system().lock(fd, 'exclusive'));
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'inherit'] });
}
