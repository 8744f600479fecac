import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compareTrees } from '../support/compare-trees.ts';
import { Workbench } from './workbench.ts';

const kills = Number(process.env.VARVE_ROUND_TRIP_KILLS ?? 2);
const script = fileURLToPath(new URL('./operate.ts', import.meta.url));

/** Runs operate.ts and kills it after so long, if it is not through by then. Whether it was killed. */
function killedAfter(milliseconds: number, args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [script, ...args], { stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  return new Promise((resolve) => {
    child.once('exit', (_code, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

if (process.platform === 'linux') {
  test('a restore that is killed leaves whole files only, and the next one completes it and cleans up', async (context) => {
    const bench = new Workbench(context);
    bench.fill(
      Object.fromEntries(Array.from({ length: 800 }, (_, i) => [`folder-${i % 50}/file-${i}`, `${i} `.repeat(500 + (i % 70) * 40)])),
    );
    for (let i = 0; i < 50; i++) fs.linkSync(join(bench.source, `folder-${i}/file-${i}`), join(bench.source, `link-${i}`));
    const { tree } = await bench.save();
    const args = (target: string) => ['restore', join(bench.folder, 'store'), tree, target];
    const startedAt = performance.now();
    await killedAfter(60_000, args(bench.target()));
    const whole = performance.now() - startedAt;
    for (let i = 0; i < kills; i++) {
      const target = bench.target();
      while (await killedAfter(Math.random() * whole, args(target))) {
        const left = fs.existsSync(target) ? compareTrees(bench.source, target, { limit: 1e6 }) : [];
        const partial = left.filter(({ path, aspect }) => aspect === 'content' || (aspect === 'size' && !path.includes('.varve-restore-')));
        assert.deepEqual(partial, [], 'each file is as it was saved, or not there');
        if (Math.random() < 0.5) break;
      }
      await bench.restore(tree, target, { delete: true });
      assert.deepEqual(compareTrees(bench.source, target), []);
      fs.rmSync(target, { recursive: true });
    }
  });

  test('a process that may open few files saves and restores many folders of one file each', async (context) => {
    const bench = new Workbench(context);
    bench.fill(Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`folder-${i}/file`, `${i}`])));
    await bench.store.flush();
    const limited = (...args: string[]) => {
      const command = ['-c', 'ulimit -n 300 && exec "$@"', 'sh', process.execPath, script, ...args];
      return JSON.parse(execFileSync('sh', command, { encoding: 'utf8' }));
    };
    await bench.save();
    const store = join(bench.folder, 'store');
    const saved = limited('save', store, bench.source);
    assert.deepEqual(saved.errors, []);
    const target = bench.target();
    assert.deepEqual(limited('restore', store, saved.tree, target).errors, []);
    assert.deepEqual(compareTrees(bench.source, target), []);
  });
}
