/** That the benchmark runs, with whatever tools are here; how fast anything is stays out of the tests. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const BENCH = join(import.meta.dirname, '../bench/run.ts');
const lacking = existsSync('/usr/bin/time') ? false : 'the benchmark measures with /usr/bin/time';

describe('the benchmark', { skip: lacking }, () => {
  it('saves, verifies, restores and compares in its smoke run, and leaves nothing but its data behind', () => {
    const cache = mkdtempSync(join(tmpdir(), 'varve-bench-'));
    try {
      const json = join(cache, 'result.json');
      const run = spawnSync(process.execPath, [BENCH, '--smoke', '--cache', cache, '--json', json, '--peers', 'varve,casync'], {
        encoding: 'utf8',
      });
      assert.equal(run.status, 0, run.stderr);
      assert.match(run.stdout, /\| first save \|/);
      assert.equal(JSON.parse(readFileSync(json, 'utf8')).tables.length, 4);
      assert.deepEqual(readdirSync(cache).sort(), ['result.json', 'smoke-large', 'smoke-series', 'smoke-small']);
    } finally {
      rmSync(cache, { recursive: true });
    }
  });
});

describe('the benchmark of stores', () => {
  it('measures every type', () => {
    const run = spawnSync(process.execPath, [join(import.meta.dirname, '../bench/stores/run.ts'), '--smoke'], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /\| memory \| datadir \|\n(.*\n){9}$/);
  });
});

describe('the benchmark of searches', () => {
  it('asks both programs the same, and finds the same', () => {
    const run = spawnSync(process.execPath, [join(import.meta.dirname, '../bench/search/run.ts'), '--smoke'], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    assert.equal(run.stdout.split('\n').filter((line) => line.startsWith('| ')).length, 21);
  });
});
