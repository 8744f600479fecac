/** Events that the kernel had to drop. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { watchLimits } from '../../src/sys/watch/limits.ts';
import { scratchFolder } from '../support/scratch.ts';

const PROGRAM = fileURLToPath(new URL('../support/monitor-process.ts', import.meta.url));

test('when the queue of the kernel runs over, everything is compared, and nothing is missing', async (context) => {
  if (process.platform !== 'linux') return;
  const top = fs.realpathSync(scratchFolder(context));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, top, 'inotify'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
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
  fs.mkdirSync(join(top, 'here before'));
  assert.deepEqual(await ask(), ['here before']);
  child.kill('SIGSTOP');
  const most = watchLimits('inotify').events.value as number;
  for (let i = 0; i < most; i += 2) fs.writeFileSync(join(top, `file ${i}`), '');
  fs.mkdirSync(join(top, 'late/below'), { recursive: true });
  fs.renameSync(join(top, 'here before'), join(top, 'late/below/moved'));
  child.kill('SIGCONT');
  assert.deepEqual(await ask(), fs.readdirSync(top, { recursive: true, encoding: 'utf8' }).toSorted());
  fs.writeFileSync(join(top, 'late/below/moved/watched'), '');
  assert.ok((await ask()).includes('late/below/moved/watched'));
});
