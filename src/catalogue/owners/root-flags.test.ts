import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFromText } from '../../base/names.ts';
import { OwnerMatcher } from './matcher.ts';
import { RootFlags } from './root-flags.ts';
import { ruleOf } from './rule-table.ts';
import type { RuleSource } from './types.ts';

const rule = (id: string, folder: string, source: RuleSource) =>
  ruleOf(id, { name: id, comment: '', folders: [folder], keep: false }, source);
/** Whether what is at a path is kept, with such rules for these folders. */
function keepsWith(source: RuleSource, ...folders: string[]): (path: string) => boolean {
  const rules = folders.map((folder, i) => rule(`rule${i}`, folder, source));
  const matcher = new OwnerMatcher(rules, []);
  const flags = new RootFlags(matcher, [nameFromText('/srv/cache/mine')]);
  return (path) => flags.of(nameFromText(path), matcher.ownerOf(nameFromText(path))).keep;
}

test('a shipped rule for a folder above a root does not hold in the root', () => {
  const keeps = keepsWith('shipped', '/srv/cache');
  assert.ok(keeps('/srv/cache/mine/file'));
  assert.ok(!keeps('/srv/cache/other/file'));
});

test('a shipped rule for a folder in a root holds', () => {
  const keeps = keepsWith('shipped', '/srv/cache', '/srv/cache/mine/thumbnails');
  assert.ok(!keeps('/srv/cache/mine/thumbnails/file'));
  assert.ok(keeps('/srv/cache/mine/file'));
});

test('of roots in one another the innermost counts', () => {
  const matcher = new OwnerMatcher([rule('all', '/srv', 'shipped'), rule('cache', '/srv/cache', 'shipped')], []);
  const flags = new RootFlags(matcher, ['/srv', '/srv/cache'].map(nameFromText));
  const keeps = (path: string) => flags.of(nameFromText(path), matcher.ownerOf(nameFromText(path))).keep;
  assert.ok(keeps('/srv/file'));
  assert.ok(keeps('/srv/cache/file'));
});

test("a user's own rule holds wherever it says", () => {
  assert.ok(!keepsWith('user', '/srv/cache')('/srv/cache/mine/file'));
});

test('what nobody owns is kept', () => {
  assert.ok(keepsWith('shipped', '/elsewhere')('/srv/cache/mine/file'));
});
