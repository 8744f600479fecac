import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { RunFilter } from './filter.ts';
import { ROW_BYTES } from './row.ts';

test('a filter knows every key that it was given, and few others', () => {
  const rows = 10_000;
  const page = randomBytes(rows * ROW_BYTES);
  const filter = new RunFilter(rows);
  filter.addPage(page, rows);
  for (let row = 0; row < rows; row++) assert.ok(filter.mayHave(page.subarray(row * ROW_BYTES)));
  let wrong = 0;
  for (let i = 0; i < rows; i++) if (filter.mayHave(randomBytes(20))) wrong++;
  assert.ok(wrong < rows / 50, `${wrong} of ${rows} keys were taken for known`);
});
