/** What docs/monitor.md shows is what happens. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the example of docs/monitor.md prints what it says', (context) => {
  const text = readFileSync(join(ROOT, 'docs/monitor.md'), 'utf8');
  const [, example = '', printed = ''] = /```js\n(.*?)```\n\nprints\n\n```\n(.*?)```/s.exec(text) ?? [];
  assert.notEqual(example, '');
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', example];
  const env = { ...process.env, TMPDIR: scratchFolder(context) };
  assert.equal(execFileSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' }), printed);
});
