/** Queues that run over, and more directories than the kernel lets anybody watch. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { watchLimits } from '../../src/sys/watch/limits.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';

const PROGRAM = fileURLToPath(new URL('../support/monitor-process.ts', import.meta.url));

/** A monitor by inotify in a process of its own; `ask` gives all paths that it knows by now. `within` is a command that runs the program. */
function start(context: TestContext, top: string, within: readonly string[] = []) {
  const [command = '', ...args] = [...within, process.execPath, '--disable-warning=ExperimentalWarning', PROGRAM, top, 'inotify'];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (): Promise<string[]> => {
    child.stdin.write('\n');
    const paths: string[] = [];
    for (let line = await lines.next(); line.value !== ''; line = await lines.next()) {
      assert.ok(!line.done, 'it has ended');
      paths.push(line.value);
    }
    return paths.toSorted();
  };
  return { child, ask };
}

function allBelow(top: string): string[] {
  return fs.readdirSync(top, { recursive: true, encoding: 'utf8' }).toSorted();
}

test('when the queue of the kernel runs over, everything is compared, and nothing is missing', async (context) => {
  if (process.platform !== 'linux') return;
  const top = fs.realpathSync(scratchFolder(context));
  fs.mkdirSync(join(top, 'here before'));
  const { child, ask } = start(context, top);
  assert.deepEqual(await ask(), ['here before']);
  child.kill('SIGSTOP');
  const most = watchLimits('inotify').events.value as number;
  for (let i = 0; i < most; i += 2) fs.writeFileSync(join(top, `file ${i}`), '');
  fs.mkdirSync(join(top, 'late/below'), { recursive: true });
  fs.renameSync(join(top, 'here before'), join(top, 'late/below/moved'));
  child.kill('SIGCONT');
  assert.deepEqual(await ask(), allBelow(top));
  fs.writeFileSync(join(top, 'late/below/moved/watched'), '');
  assert.ok((await ask()).includes('late/below/moved/watched'));
});

test('directories beyond the limit of watches are compared at intervals', async (context) => {
  const isAble = process.platform === 'linux' && spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0;
  if (skipUnless(context, isAble, 'user namespaces cannot be made here')) return;
  const top = fs.realpathSync(scratchFolder(context));
  for (let i = 0; i < 20; i++) fs.mkdirSync(join(top, `directory ${i}`));
  const limit = 'echo 5 > /proc/sys/user/max_inotify_watches && exec "$@"';
  const { ask } = start(context, top, ['unshare', '--user', '--map-root-user', 'sh', '-c', limit, 'sh']);
  await ask();
  for (let i = 0; i < 20; i++) fs.writeFileSync(join(top, `directory ${i}/file`), '');
  const seen = (await ask()).filter((path) => path.endsWith('/file'));
  assert.ok(seen.length >= 3, `${seen.length}`);
  const all = allBelow(top);
  let known = await ask();
  while (known.length < all.length) known = await ask();
  assert.deepEqual(known, all);
});
