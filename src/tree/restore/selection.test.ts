import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Selection } from './selection.ts';

test('without patterns everything is selected', () => {
  const selection = new Selection();
  assert.equal(selection.of('a/b', false), 'yes');
  assert.equal(selection.takesMetadata(''), true);
});

test('a pattern includes what is in the directories that it matches, and passes through others', () => {
  const selection = new Selection(['docs/', '*.txt']);
  assert.equal(selection.of('docs', true), 'yes');
  assert.equal(selection.of('docs/deep/file', false), 'yes');
  assert.equal(selection.of('other', true), 'within');
  assert.equal(selection.of('other/a.txt', false), 'yes');
  assert.equal(selection.of('other/b', false), 'no');
  assert.equal(selection.takesMetadata('other/'), false);
});

test('excluding wins over including, and protects from deletion', () => {
  const selection = new Selection(['docs/'], ['*.log', 'cache/']);
  assert.equal(selection.of('docs/a.log', false), 'no');
  assert.equal(selection.mayDelete('docs/cache', true), false);
  assert.equal(selection.mayDelete('docs/cache', false), true);
  assert.equal(selection.mayDelete('elsewhere', false), false);
});

test('upper and lower case are two', () => {
  assert.equal(new Selection([], ['build']).of('BUILD', true), 'yes');
});
