import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { decodeCheckedJson, encodeCheckedJson } from './checked-json.ts';
import { FormatError } from './errors.ts';

test('a checked line is read back, and refused when a letter of it differs', () => {
  const line = encodeCheckedJson({ name: 'docs', revisions: 3 });
  const { check: _, ...value } = decodeCheckedJson(line, 'a line');
  assert.deepEqual(value, { name: 'docs', revisions: 3 });
  assert.throws(() => decodeCheckedJson(line.replace('docs', 'dogs'), 'a line'), FormatError);
});

test('a line whose checksum fits but which is no JSON is a fault of its format, not a bug', () => {
  const body = '{"name":docs';
  const line = `${body},"check":"${crc32(body).toString(16).padStart(8, '0')}"}\n`;
  assert.throws(() => decodeCheckedJson(line, 'a line'), FormatError);
});
