import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const lacking = existsSync('/usr/bin/time') ? false : 'the benchmark measures with /usr/bin/time';

test('the benchmark of duplicates finds the same with and without a catalogue, and as others do', { skip: lacking }, () => {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, '../bench/duplicates/run.ts'), '--smoke'], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /\| varve dups --read \| .*\n\| varve dups \| /);
});
