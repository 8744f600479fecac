import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ByteName } from '../../base/names.ts';
import { DEFAULT_FLAGS } from './flags.ts';
import { OwnerMatcher, type OwnerState } from './matcher.ts';
import { type Component, type FolderPattern, parsePattern } from './pattern.ts';
import { type Claim, compareClaims } from './specificity.ts';
import type { OwnerRule, RuleSource } from './types.ts';

const HOMES = ['/home/ann', '/root'] as ByteName[];

function rule(id: string, folders: string[], source: RuleSource = 'user'): OwnerRule {
  return { id, name: id, comment: '', folders: folders.map(parsePattern), flags: DEFAULT_FLAGS, source };
}

function ownerOf(rules: OwnerRule[], path: string): string | undefined {
  return new OwnerMatcher(rules, HOMES).ownerOf(path as ByteName)?.id;
}

describe('the owner of a path', () => {
  it('is nobody where no pattern matches', () => {
    assert.equal(ownerOf([rule('a', ['/srv'])], '/srvx/a'), undefined);
    assert.equal(ownerOf([], '/'), undefined);
  });

  it('is the rule of the nearest folder above that is claimed', () => {
    const rules = [rule('all', ['/']), rule('www', ['/srv/www']), rule('one', ['/srv/www/one'])];
    assert.equal(ownerOf(rules, '/etc'), 'all');
    assert.equal(ownerOf(rules, '/srv/www/two/x'), 'www');
    assert.equal(ownerOf(rules, '/srv/www/one/x/y'), 'one');
  });

  it('is found in the home of each user', () => {
    const rules = [rule('cache', ['~/.cache']), rule('home', ['~'])];
    assert.equal(ownerOf(rules, '/home/ann/.cache/x'), 'cache');
    assert.equal(ownerOf(rules, '/root/.cache'), 'cache');
    assert.equal(ownerOf(rules, '/home/ann'), 'home');
    assert.equal(ownerOf(rules, '/home/bob/.cache'), undefined);
  });

  it('is found at any depth by two stars, which may also be no folder at all', () => {
    const rules = [rule('modules', ['**/node_modules']), rule('deep', ['/a/**/b'])];
    assert.equal(ownerOf(rules, '/node_modules/x'), 'modules');
    assert.equal(ownerOf(rules, '/x/y/node_modules/z/node_modules'), 'modules');
    assert.equal(ownerOf(rules, '/a/b'), 'deep');
    assert.equal(ownerOf(rules, '/a/1/2/b/3'), 'deep');
  });

  it('is, of two that claim one folder, the user before the package before the shipped rule', () => {
    const shipped = rule('shipped', ['/srv/www'], 'shipped');
    const packaged = rule('package', ['/srv/*'], 'package');
    const own = rule('own', ['/**/www'], 'user');
    assert.equal(ownerOf([shipped, packaged], '/srv/www'), 'package');
    assert.equal(ownerOf([shipped, packaged, own], '/srv/www'), 'own');
  });

  it('is, of two patterns of one source, the one that says more', () => {
    const order = ['/home/ann/x', '~/x', '/home/ann/x*', '/home/*/x', '/*/*/x', '**/x', '/*/*/*'];
    for (const [i, better] of order.entries())
      for (const worse of order.slice(i + 1)) {
        assert.equal(ownerOf([rule('b', [worse]), rule('a', [better])], '/home/ann/x'), 'a', `${better} before ${worse}`);
        assert.equal(ownerOf([rule('a', [worse]), rule('b', [better])], '/home/ann/x'), 'b', `${better} before ${worse}`);
      }
  });

  it('tells whether the very path is claimed, and whether all below has the same owner', () => {
    const matcher = new OwnerMatcher([rule('a', ['/a', '/b/c'])], HOMES);
    const state = (path: string) => {
      const { owner, isClaimed, isSettled } = matcher.stateOf(path as ByteName);
      return [owner?.id, isClaimed, isSettled];
    };
    assert.deepEqual(state('/a'), ['a', true, true]);
    assert.deepEqual(state('/a/x'), ['a', false, true]);
    assert.deepEqual(state('/b'), [undefined, false, false]);
    assert.deepEqual(state('/c'), [undefined, false, true]);
  });

  it('is the same as a naive search finds, whichever way it is asked for', () => {
    const names = fc.constantFrom('a', 'b', 'ab', 'home', 'ann', 'root');
    const part = fc.oneof({ weight: 3, arbitrary: names }, fc.constantFrom('*', 'a*', '*b', '?', '[ab]', '{ann,b}', '**'));
    const pattern = fc
      .tuple(fc.constantFrom('/', '~/', '**/'), fc.array(part, { maxLength: 4 }))
      .map(([start, parts]) => `${start}${parts.join('/')}`);
    const rules = fc.array(fc.tuple(fc.array(pattern, { maxLength: 3 }), fc.constantFrom<RuleSource>('user', 'package', 'shipped')), {
      maxLength: 8,
    });
    const paths = fc.array(fc.array(names, { maxLength: 6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rules, paths, (specified, asked) => {
        const all = specified.map(([folders, source], i) => rule(`r${i}`, folders, source));
        const matcher = new OwnerMatcher(all, HOMES);
        for (const path of asked) {
          const expected = naiveOwner(all, path);
          let state: OwnerState = matcher.top;
          for (const name of path) state = matcher.child(state, name as ByteName);
          assert.deepEqual([state.owner?.id, state.isClaimed], expected, `child by child: /${path.join('/')}`);
          assert.equal(matcher.ownerOf(`/${path.join('/')}` as ByteName)?.id, expected[0]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('stays right and bounded where patterns are made to need ever more states', () => {
    const stars = Array.from({ length: 200 }, (_, i) => `**/a/**/n${i}/**/a/**/m${i}`);
    const matcher = new OwnerMatcher([rule('hostile', stars)], HOMES);
    let random = 1;
    for (let i = 0; i < 200; i++) {
      let state: OwnerState = matcher.top;
      for (let depth = 0; depth < 20; depth++) {
        random = (random * 48271) % 0x7fffffff;
        state = matcher.child(state, (random % 3 === 0 ? 'a' : `n${random % 200}`) as ByteName);
      }
      const found = matcher.child(matcher.child(matcher.child(state, 'a' as ByteName), 'n7' as ByteName), 'a' as ByteName);
      assert.equal(matcher.child(found, 'm7' as ByteName).owner?.id, 'hostile');
    }
  });
});

/** Tries every pattern on every folder above, from the nearest on. */
function naiveOwner(rules: readonly OwnerRule[], path: readonly string[]): [string | undefined, boolean] {
  const claims = rules.flatMap((owner) => owner.folders.map((pattern): Claim => ({ rule: owner, pattern })));
  for (let length = path.length; length >= 0; length--) {
    const folder = path.slice(0, length);
    const best = claims.filter(({ pattern }) => claimsFolder(pattern, folder)).sort(compareClaims)[0];
    if (best) return [best.rule.id, length === path.length];
  }
  return [undefined, false];
}

function claimsFolder({ fromHome, components }: FolderPattern, folder: readonly string[]): boolean {
  if (!fromHome) return matches(components, folder);
  return HOMES.some((home) => {
    const names = home.slice(1).split('/');
    return names.every((name, i) => folder[i] === name) && matches(components, folder.slice(names.length));
  });
}

function matches([first, ...rest]: readonly Component[], names: readonly string[]): boolean {
  if (first === undefined) return names.length === 0;
  if (first.kind === 'any') return matches(rest, names) || (names.length > 0 && matches([first, ...rest], names.slice(1)));
  const [name, ...below] = names;
  if (name === undefined) return false;
  return (first.kind === 'name' ? first.name === name : first.matches(name as ByteName)) && matches(rest, below);
}
