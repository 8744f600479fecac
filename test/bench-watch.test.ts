import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('the benchmark of watchers measures every kind', () => {
  if (process.platform !== 'linux') return;
  const run = spawnSync(process.execPath, [join(import.meta.dirname, '../bench/watch/run.ts'), '--smoke'], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /\| fanotify \| fanotify-marks \| inotify \|\n(.*\n){6}/);
});
