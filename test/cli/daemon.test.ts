/** The commands that speak to the daemon, each a process, with another process that answers at the socket. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import type { ByteName } from '../../src/base/names.ts';
import { openForWriting } from '../../src/catalogue/database.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { DaemonClient } from '../../src/serve/client.ts';
import type { RootStatus } from '../../src/serve/types.ts';
import { CatalogueFill, FILE } from '../support/catalogue/fill.ts';
import { scratchFolder } from '../support/scratch.ts';
import { startDaemon } from '../support/start-daemon.ts';
import { varve, varveCommand, varveEnv } from '../support/varve.ts';

const DIGEST = blake3.hash(Buffer.from('photo'));

const LIMIT = { timeout: 60_000, skip: process.platform === 'win32' && 'the daemon needs UNIX sockets' };

async function withDaemon(context: TestContext) {
  const home = join(scratchFolder(context), 'home');
  const daemon = await startDaemon(context, join(home, 'state'));
  return { home, daemon, run: (...args: string[]) => varve(home, args) };
}

describe('commands to a daemon', LIMIT, () => {
  it('status shows people what is watched', async (context) => {
    const { run, daemon } = await withDaemon(context);
    const { stdout, status } = run('status');
    assert.equal(status, 0);
    // Whether the kernel's limits are enough by now depends on the machine.
    assert.equal(
      stdout.replace(/^As root: .*\n/gm, ''),
      `State      watching
Daemon     varve 1.2.3, pid ${daemon.pid}, since 2026-03-01 17:00:00
Store      /stores/main
Catalogue  /home/ann/catalogue.db, 5.0 MiB
Memory     120 MiB
To do      6 folders to scan, 3,345 files to hash at 50.0 MiB/s, 1 min 05 s left
Errors     none

ROOT            NODES  SCANNED  HASHED   KEPT     SIZE  GAPS  WATCHER
/home/ann      12,345   12,345   9,000  8,999  3.0 GiB     0  fanotify
/srv/my files      10        4       0      0  1.0 MiB     1  inotify, scanning

/srv/my files: 1,200 folders are compared at intervals: the kernel allows no more to be watched.
/srv/my files: 1 folder is compared at intervals: the file system cannot be watched.
More about it: varve doctor
`,
    );
  });

  it('status --json prints the object of the API', async (context) => {
    const { run, home } = await withDaemon(context);
    const printed = JSON.parse(run('status', '--json').stdout);
    assert.deepEqual(printed, await new DaemonClient(join(home, 'state')).status());
    assert.deepEqual(Object.keys(printed.roots[0]!), [
      'path',
      'nodes',
      'scanned',
      'hashed',
      'unhashed',
      'kept',
      'bytes',
      'gaps',
      'watcher',
      'scanning',
      'missing',
      'unwatched',
    ]);
  });

  it('pause and continue say what the daemon then does', async (context) => {
    const { run } = await withDaemon(context);
    assert.equal(run('pause', '--json').stdout, '{"state":"paused"}\n');
    assert.match(run('status').stdout, /^State +paused$/m);
    assert.equal(run('continue').stdout, 'The daemon goes on.\n');
    assert.equal(run('continue', '--json').stdout, '{"state":"watching"}\n');
  });

  it('sync-point prints a token', async (context) => {
    const { run } = await withDaemon(context);
    assert.equal(run('sync-point').stdout, 'point:1\n');
    assert.equal(run('sync-point', '--json').stdout, '{"token":"point:1"}\n');
  });

  it('Ctrl-C ends a sync-point, in the daemon too', async (context) => {
    const { run, home } = await withDaemon(context);
    const daemon = new DaemonClient(join(home, 'state'));
    const waiting = async () => (await daemon.status()).errors;
    run('pause');
    const [file, args] = varveCommand('sync-point');
    const child = spawn(file, args, { env: varveEnv(home), stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    const said = text(child.stderr);
    while ((await waiting()) === 0);
    child.kill('SIGINT');
    assert.deepEqual(await ended, [130, null]);
    assert.match(await said, /varve: interrupted\nNothing was changed\.\n$/);
    while ((await waiting()) > 0);
  });

  it('safe believes the catalogue when the daemon has observed everything, and not when none runs', async (context) => {
    const { run, home } = await withDaemon(context);
    const database = openForWriting(join(home, 'catalogue.db'));
    const fill = new CatalogueFill(database);
    fill.add(fill.root('/w' as ByteName), 'photo.jpg' as ByteName, { type: FILE, size: 3000, digest: DIGEST });
    fill.finish();
    database.prepare("INSERT INTO content VALUES (?, 3000, x'', 0)").run(DIGEST);
    database.close();
    const watched = run('safe', '/w');
    assert.deepEqual([watched.status, watched.stdout], [0, '']);
    run('stop');
    const stopped = run('safe', '/w', '--json');
    assert.equal(stopped.status, 1);
    assert.equal(stopped.stdout.split('\n')[0], '{"path":"/w","why":"gap","code":"not running"}');
  });

  it('stop waits until the daemon is gone', async (context) => {
    const { run, daemon } = await withDaemon(context);
    const gone = once(daemon, 'exit');
    const { stdout, status } = run('stop', '--json');
    assert.equal(status, 0);
    assert.equal(stdout, '{"state":"stopped","wasRunning":true}\n');
    assert.deepEqual(await gone, [0, null]);
    assert.equal(run('stop').stdout, 'No daemon runs here.\n');
  });
});

describe('commands where no daemon runs', LIMIT, () => {
  it('status says so, and what the catalogue has', (context) => {
    const home = join(scratchFolder(context), 'home');
    const none = varve(home, ['status']);
    assert.deepEqual([none.status, none.stdout], [0, 'No daemon runs here. Start one with: varve start\n']);
    assert.equal(varve(home, ['status', '--json']).stdout, '{"state":"stopped","roots":[]}\n');
    mkdirSync(home, { recursive: true });
    const path = join(home, 'catalogue.db');
    const database = openForWriting(path);
    const fill = new CatalogueFill(database);
    fill.add(fill.root('/w' as ByteName), 'photo.jpg' as ByteName, { type: FILE, size: 3000 });
    fill.finish();
    database.close();
    const { catalogue, roots } = JSON.parse(varve(home, ['status', '--json']).stdout);
    assert.equal(catalogue.path, path);
    assert.deepEqual(
      roots.map(({ path, nodes, bytes, unhashed, watcher }: RootStatus) => [path, nodes, bytes, unhashed, watcher]),
      [['/w', 2, 3000, 1, 'none']],
    );
  });

  it('status refuses settings that there are not', (context) => {
    const { status, stderr } = varve(join(scratchFolder(context), 'home'), ['status', '--set', 'nosuch=3']);
    assert.deepEqual([status, /there is no setting nosuch/.test(stderr)], [2, true]);
  });

  for (const command of ['pause', 'continue', 'sync-point'])
    it(`${command} fails, and says how to start one`, (context) => {
      const { status, stderr, stdout } = varve(join(scratchFolder(context), 'home'), [command]);
      assert.deepEqual([status, stdout, stderr], [1, '', 'varve: no daemon runs here\nStart one with: varve start\n']);
    });
});
