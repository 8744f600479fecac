/** What is said when something is wrong (I4): the message, then advice on a line of its own, and the exit status. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { varve } from '../support/varve.ts';

describe('messages', () => {
  let top: string;
  const run = (...args: string[]) => varve(join(top, 'home'), args, { cwd: top });

  before(() => {
    top = mkdtempSync(join(tmpdir(), 'varve-messages-'));
    mkdirSync(join(top, 'docs'));
    writeFileSync(join(top, 'docs/README.md'), 'hello\n');
    assert.equal(run('save', 'docs').status, 0);
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  const says = (args: readonly string[], status: number, pattern: RegExp) => {
    const found = run(...args);
    assert.match(found.stderr, pattern);
    assert.equal(found.status, status);
    assert.equal(found.stdout, '');
  };

  it('an unknown command is a usage error, and the nearest is named', () =>
    says(['sav', 'x'], 2, /^varve: there is no command "sav"\nDid you mean save\?\n$/));
  it('an unknown option is, too', () =>
    says(['ls', '--lnog', 'docs'], 2, /^varve: varve ls has no option --lnog\nDid you mean --long\?\n$/));
  it('a value that cannot be read says what was wanted', () =>
    says(['log', 'docs', '--limit', 'few'], 2, /^varve: --limit must be a whole number, not "few"\n$/));
  it('a missing argument is named', () => says(['restore', 'docs'], 2, /needs TARGET: .*\nSee: varve restore --help\n$/));
  it('an unknown archive names the nearest', () =>
    says(['ls', 'dcos'], 1, /^varve: there is no archive "dcos" in .*\nDid you mean docs\?\n$/));
  it('an unknown path names the nearest', () =>
    says(['cat', 'docs:/READM.md'], 1, /^varve: there is no \/READM\.md\nDid you mean README\.md\?\n$/));
  it('a store that is not there says how to make it', () =>
    says(['archives', '--store', './none'], 1, /there is no store here\n.* make one with: varve init .*none\n$/));
  it('a store specification is refused with the place of the fault', () =>
    says(['archives', '--store', 'datadir(path=x,size=3)'], 2, /at character 16 of the store/));
  it('a fault of the configuration names the line', () => {
    const home = join(top, 'faulty');
    mkdirSync(home);
    writeFileSync(join(home, 'config.toml'), '[save]\nthreads = "many"\n');
    const { status, stderr } = varve(home, ['archives']);
    assert.equal(status, 2);
    assert.match(stderr, /^varve: .*config\.toml:2: save\.threads must be a whole number.*\n/);
  });

  it('stack traces are for --debug', () => {
    assert.doesNotMatch(run('ls', 'nope').stderr, /\n {4}at /);
    assert.match(run('ls', 'nope', '--debug').stderr, /\n {4}at /);
  });

  it('errors are objects on stderr with --json', () => {
    const { error } = JSON.parse(run('ls', 'nope', '--json').stderr);
    assert.equal(error.code, 'NOT_FOUND');
    assert.equal(error.advice, 'There are: docs.');
  });
});
