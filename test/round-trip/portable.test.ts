import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compareTrees } from '../support/compare-trees.ts';
import { Workbench } from './workbench.ts';

const script = fileURLToPath(new URL('./operate.ts', import.meta.url));

test('with node:fs alone a tree is saved and restored but for what that cannot do', async (context) => {
  const bench = new Workbench(context);
  bench.fill({
    'folder/file': 'content',
    'folder/in/side': 'x'.repeat(300_000),
    'empty/': '',
    zeros: Buffer.alloc(100_000),
    'linked-1': 'linked',
  });
  fs.linkSync(join(bench.source, 'linked-1'), join(bench.source, 'linked-2'));
  if (process.platform !== 'win32') fs.symlinkSync('folder', join(bench.source, 'link'));
  fs.chmodSync(join(bench.source, 'zeros'), 0o600);
  await bench.save();
  const portable = (...args: string[]) =>
    JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', env: { ...process.env, VARVE_SYS: 'portable' } }));
  const store = join(bench.folder, 'store');
  const saved = portable('save', store, bench.source);
  assert.deepEqual(saved.errors, []);
  const target = bench.target();
  assert.deepEqual(portable('restore', store, saved.tree, target).errors, []);
  if (process.platform === 'linux') assert.deepEqual(compareTrees(bench.source, target, { ignore: ['mtime', 'holes'] }), []);
  const again = portable('restore', store, saved.tree, target);
  assert.deepEqual([again.errors, again.created, again.deleted], [[], 0, 0]);
  assert.equal(fs.readFileSync(join(target, 'folder/in/side'), 'utf8'), 'x'.repeat(300_000));
  assert.equal(fs.statSync(join(target, 'linked-1')).ino, fs.statSync(join(target, 'linked-2')).ino);
});
