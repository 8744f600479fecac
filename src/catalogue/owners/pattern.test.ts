import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { parsePattern } from './pattern.ts';

function matches(part: string, name: string): boolean {
  const [component] = parsePattern(`/${part}`).components;
  assert.ok(component && component.kind !== 'any');
  const bytes = nameFromText(name);
  return component.kind === 'name' ? component.name === bytes : component.matches(bytes);
}

describe('a part of a pattern', () => {
  it('matches as a shell would', () => {
    const cases: [string, string[], string[]][] = [
      ['*', ['a', '.a', 'ü', 'a b'], []],
      ['a*', ['a', 'ab'], ['ba']],
      ['*.swp', ['.swp', 'x.swp'], ['x.swpx']],
      ['*.sw[a-p]', ['a.swo'], ['a.swq', 'a.sw']],
      ['x[!a]', ['xb'], ['xa', 'x']],
      ['x[^a]', ['xb'], ['xa']],
      ['[ab]x', ['ax'], ['[ab]x', 'cx']],
      ['{a,b*}c', ['ac', 'bxc'], ['cc']],
      ['?', ['a', '.'], ['', 'ab']],
      ['a (1)*', ['a (1)', 'a (1).txt'], ['a 1', 'a ']],
      ['+(a)*', ['+(a)', '+(a)b'], ['aa']],
      ['!x*', ['!x', '!xy'], ['y']],
      ['#*#', ['#a#', '##'], ['#a']],
      ['\\*', ['*'], ['a', '\\*']],
      ['a\\[b\\]*', ['a[b]', 'a[b]c'], ['ab']],
      ['x|y*', ['x|y', 'x|yz'], ['x', 'y']],
      ['ü*', ['ü', 'üb'], ['u']],
      ['a\n*', ['a\nb'], ['a']],
    ];
    for (const [part, good, bad] of cases) {
      for (const name of good) assert.ok(matches(part, name), `${part} matches ${name}`);
      for (const name of bad) assert.ok(!matches(part, name), `${part} does not match ${name}`);
    }
  });

  it('matches names that are no text', () => {
    const [component] = parsePattern('/a*z').components;
    assert.ok(component?.kind === 'glob' && component.matches('a\xff\xfez' as ByteName));
  });
});

describe('a pattern', () => {
  it('is the same however its slashes and stars are written', () => {
    const kinds = (text: string) =>
      parsePattern(text).components.map((component) => (component.kind === 'name' ? component.name : component.kind));
    assert.deepEqual(kinds('/a//b/'), ['a', 'b']);
    assert.deepEqual(kinds('/a/**/**/b/**'), ['a', 'any', 'b']);
    assert.deepEqual(kinds('/**'), []);
    assert.deepEqual(kinds('~'), []);
  });
});
