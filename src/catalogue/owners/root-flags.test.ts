import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFromText } from '../../base/names.ts';
import { OwnerMatcher } from './matcher.ts';
import { RootFlags } from './root-flags.ts';
import { ruleOf } from './rule-table.ts';
import type { RuleSource } from './types.ts';

const rule = (id: string, folder: string, source: RuleSource) =>
  ruleOf(id, { name: id, comment: '', folders: [folder], keep: false }, source);
const flags = (source: RuleSource, ...folders: string[]) =>
  new RootFlags(
    new OwnerMatcher(
      folders.map((folder, i) => rule(`rule${i}`, folder, source)),
      [],
    ),
    [nameFromText('/srv/cache/mine')],
  );
const keeps = (of: RootFlags, path: string) => of.of(nameFromText(path)).keep;

test('a shipped rule for a folder above a root does not hold in the root', () => {
  const of = flags('shipped', '/srv/cache');
  assert.ok(keeps(of, '/srv/cache/mine/file'));
  assert.ok(!keeps(of, '/srv/cache/other/file'));
});

test('a shipped rule for a folder in a root holds', () => {
  const of = flags('shipped', '/srv/cache', '/srv/cache/mine/thumbnails');
  assert.ok(!keeps(of, '/srv/cache/mine/thumbnails/file'));
  assert.ok(keeps(of, '/srv/cache/mine/file'));
});

test("a user's own rule holds wherever it says", () => {
  assert.ok(!keeps(flags('user', '/srv/cache'), '/srv/cache/mine/file'));
});

test('what nobody owns is kept', () => {
  assert.ok(keeps(flags('shipped', '/elsewhere'), '/srv/cache/mine/file'));
});
