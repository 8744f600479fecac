import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgnorePatterns } from './ignore-patterns.ts';

test('a text is patterns line by line, a list is patterns one by one, and the last that matches wins', () => {
  const patterns = new IgnorePatterns([['*.log'], 'build/\n!keep.log\n']);
  assert.equal(patterns.test('a.log').ignored, true);
  assert.equal(patterns.test('keep.log').unignored, true);
  assert.equal(patterns.test('build/').ignored, true);
  assert.equal(patterns.test('build/in/side').ignored, true);
  assert.equal(patterns.test('Build/').ignored, false);
});

test('what was asked long ago is answered alike', () => {
  const patterns = new IgnorePatterns(['*.log\n!keep.log\n']);
  for (let i = 0; i < 45_000; i++) assert.equal(patterns.test(`folder/file-${i}.log`).ignored, true);
  assert.equal(patterns.test('folder/file-0.log').ignored, true);
  assert.equal(patterns.test('folder/keep.log').ignored, false);
});
