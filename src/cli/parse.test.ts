import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../base/errors.ts';
import { type AnyCommand, defineCommand } from './command.ts';
import type { NamedCommand } from './command-description.ts';
import { count, flag, list, negation, oneOf, text, value, values } from './options.ts';
import { parseArguments } from './parse.ts';

const definition: AnyCommand = defineCommand({
  description: [],
  arguments: [
    { name: 'FROM', about: 'Where it begins' },
    { name: 'TO', about: 'Where it ends', optional: true, complete: 'folder' },
  ],
  options: {
    dryRun: flag('-n, --dry-run', 'Do nothing'),
    long: flag('-l, --long', 'Say more'),
    caches: negation('--no-caches', 'Leave out caches'),
    limit: value('--limit N', 'At most so many', count),
    below: value('--below DIR', 'Only there', text, { complete: 'folder' }),
    kind: list('-k, --kind KIND', 'Kinds', oneOf(['a', 'b'])),
    tag: values('-t, --tag TAG', 'Tags', text),
  },
  examples: [
    { command: 'varve try a', about: 'one' },
    { command: 'varve try a b', about: 'two' },
  ],
  run: async () => {},
});
const command: NamedCommand = { ...definition, name: 'try', summary: 'Try' };
const parse = (...args: string[]) => parseArguments(command, args);
const fails = (args: readonly string[], pattern: RegExp) =>
  assert.throws(
    () => parse(...args),
    (error) => error instanceof UsageError && pattern.test(error.message),
  );

describe('arguments', () => {
  it('are read with options anywhere among them', () => {
    const { args, options, globals } = parse('-nl', 'a', '--limit=3', 'b', '-t', 'x', '--tag', 'y', '--no-caches', '--json');
    assert.deepEqual(args, ['a', 'b']);
    assert.deepEqual(options, { dryRun: true, long: true, caches: false, limit: 3, below: undefined, kind: [], tag: ['x', 'y'] });
    assert.equal(globals.json, true);
  });

  it('leave options that are not given at their fallbacks', () => {
    assert.deepEqual(parse('a').options, {
      dryRun: false,
      long: false,
      caches: undefined,
      limit: undefined,
      below: undefined,
      kind: [],
      tag: [],
    });
  });

  it('of a list may have commas, and be repeated, and each is read', () => {
    assert.deepEqual(parse('x', '-k', 'a,b', '--kind=a', '--tag', 'a,b').options, {
      ...parse('x').options,
      kind: ['a', 'b', 'a'],
      tag: ['a,b'],
    });
    fails(['x', '-k', 'a,c'], /^--kind must be one of a, b, not "c"$/);
  });

  it('are not options behind --', () => {
    assert.deepEqual(parse('--', '-n', '--json').args, ['-n', '--json']);
  });

  it('are refused when one is missing or one too many', () => {
    fails([], /^varve try needs FROM: where it begins$/);
    fails(['a', 'b', 'c'], /^varve try does not take "c"$/);
  });

  it('are refused when they are empty, as of a variable that is not set, and said to be no current folder', () => {
    fails([''], /^an argument is empty: FROM$/);
    fails(['a', ''], /^an argument is empty: TO$/);
    fails(['a', '--below', ''], /^the value of --below is empty$/);
    assert.throws(() => parse('a', ''), { advice: 'Is a variable not set? The current folder is called "."' });
    const many: NamedCommand = { ...command, arguments: [{ name: 'PATH', about: 'Many', many: true, optional: true }] };
    assert.throws(() => parseArguments(many, ['a', 'b', '']), UsageError);
  });

  it('may be empty where that means something', () => {
    const free: NamedCommand = { ...command, arguments: [{ name: 'VALUE', about: 'Any', mayBeEmpty: true }] };
    assert.deepEqual(parseArguments(free, ['']).args, ['']);
    assert.deepEqual(parse('a', '--tag', '').options.tag, ['']);
  });

  it('are refused with an option that is unknown, or has a bad value, or none', () => {
    fails(['a', '--dryrun'], /^varve try has no option --dryrun$/);
    fails(['a', '--limit', '-3'], /^--limit needs a value/);
    assert.throws(() => parse('a', '--limit', '-3'), { advice: 'Write it as --limit=VALUE.' });
    assert.throws(() => parse('a', '-t', '-3'), { advice: 'Write it as -tVALUE.' });
    fails(['a', '--limit', 'x'], /^--limit must be a whole number, not "x"$/);
    fails(['a', '--tag'], /^(-t|--tag) needs a value$/);
    fails(['a', '--long=yes'], /^(-l|--long) takes no value$/);
  });
});
