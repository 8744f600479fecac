import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from './support/scratch.ts';

test('the benchmark of chunkers runs and writes its measurements', (context) => {
  const file = join(scratchFolder(context), 'results.json');
  execFileSync(process.execPath, [fileURLToPath(new URL('../bench/chunking/run.ts', import.meta.url)), '--smoke', file]);
  const results = JSON.parse(readFileSync(file, 'utf8')) as { measure: string }[];
  assert.deepEqual(new Set(results.map(({ measure }) => measure)), new Set(['speed', 'deduplication', 'resynchronisation']));
});
