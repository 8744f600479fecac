/** What holds between processes: one daemon a home, and what a killed one leaves behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { describe, it } from 'node:test';
import { scratchFolder } from '../../test/support/scratch.ts';
import { startDaemon, tryDaemon } from '../../test/support/start-daemon.ts';
import { DaemonClient } from './client.ts';
import { HomeLock } from './home-lock.ts';
import { socketFile } from './socket-path.ts';

const LIMIT = { timeout: 30_000, skip: process.platform === 'win32' && 'the daemon needs UNIX sockets' };

describe('one daemon a home', LIMIT, () => {
  it('a second start names the first and fails', async (context) => {
    const stateDir = scratchFolder(context);
    const first = await startDaemon(context, stateDir);
    const { status, said } = await tryDaemon(stateDir);
    assert.equal(said, `a daemon runs here already, with pid ${first.pid}\nSee what it does with: varve status. End it with: varve stop\n`);
    assert.equal(status, 1);
    assert.equal((await new DaemonClient(stateDir).status()).pid, first.pid);
  });

  it('a killed daemon is known to be gone, and the next one takes its socket', async (context) => {
    const stateDir = scratchFolder(context);
    const client = new DaemonClient(stateDir);
    const first = await startDaemon(context, stateDir);
    first.kill('SIGKILL');
    await once(first, 'exit');
    assert.ok(lstatSync(socketFile(stateDir)).isSocket());
    await assert.rejects(client.status(), { code: 'DAEMON_NOT_RUNNING' });
    const second = await startDaemon(context, stateDir);
    assert.equal((await client.status()).pid, second.pid);
  });

  it('a daemon that is killed while it is asked is said to be gone', async (context) => {
    const stateDir = scratchFolder(context);
    const client = new DaemonClient(stateDir);
    const daemon = await startDaemon(context, stateDir);
    const never = new AbortController().signal;
    const lines = client.events({ follow: true }, never);
    await lines.next();
    await client.pause();
    const point = assert.rejects(client.syncPoint(never), { code: 'DAEMON_GONE' });
    await client.status();
    daemon.kill('SIGKILL');
    await point;
    await assert.rejects(
      async () => {
        for await (const _ of lines);
      },
      { code: 'DAEMON_GONE' },
    );
  });

  it('the home is free when the daemon has stopped', async (context) => {
    const stateDir = scratchFolder(context);
    await startDaemon(context, stateDir);
    await new DaemonClient(stateDir).stop();
    await HomeLock.waitUntilFree(stateDir, AbortSignal.timeout(10_000));
    assert.equal(lstatSync(socketFile(stateDir), { throwIfNoEntry: false }), undefined);
  });

  it('a start that meets someone who only waits for the home gets it', async (context) => {
    const stateDir = scratchFolder(context);
    const lock = await HomeLock.take(stateDir);
    const next = HomeLock.take(stateDir);
    lock.release();
    (await next).release();
  });
});
