import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const lacking =
  process.platform === 'linux' && existsSync('/usr/bin/time') ? false : 'it watches as Linux does, and measures with /usr/bin/time';

test('the benchmark of watched saves measures each step', { skip: lacking }, () => {
  const args = [join(import.meta.dirname, '../bench/watched-save/run.ts'), '--smoke', '--peers', 'varve'];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /\| nothing changed \|.*\n\| one file changed \|.*\n\| one file in a hundred changed \|/);
});
