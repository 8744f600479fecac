import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { canMeasure } from '../bench/measure.ts';
import { skipUnless } from './support/scratch.ts';

test('the benchmark of the past measures every question', (context) => {
  if (skipUnless(context, canMeasure(), 'needs /usr/bin/time')) return;
  const run = spawnSync(process.execPath, [join(import.meta.dirname, '../bench/past/run.ts'), '--smoke'], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /(\| 1000 \| (du --at|du --since|sizes|blame) \|.*\n){4}$/);
});
