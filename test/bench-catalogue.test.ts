import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from './support/scratch.ts';

const BENCH = join(import.meta.dirname, '../bench/catalogue/run.ts');
const lacking = process.platform !== 'linux' || !existsSync('/usr/bin/time') ? 'the benchmark measures with /usr/bin/time' : false;

test('the benchmark of the catalogue scans, watches, and leaves nothing but its trees behind', { skip: lacking }, (context) => {
  const cache = scratchFolder(context);
  const json = join(cache, 'result.json');
  const run = spawnSync(process.execPath, [BENCH, '--smoke', '--cache', cache, '--json', json], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const { tables } = JSON.parse(readFileSync(json, 'utf8')) as { tables: { rows: { name: string; values: Record<string, number> }[] }[] };
  assert.equal(tables.length, 3);
  for (const { rows } of tables) for (const { name, values } of rows) assert.ok((values.varve ?? -1) >= 0, name);
  assert.deepEqual(readdirSync(cache).sort(), ['empty-300', 'result.json']);
});
