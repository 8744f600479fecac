/** Completions, asked of the real shells. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { skipUnless } from '../support/scratch.ts';
import { varve, varveCommand, varveEnv } from '../support/varve.ts';

/** What is typed, and what must be among the offers; typed to the end where there is one only. */
const CASES: readonly (readonly [typed: string, offered: string])[] = [
  ['varve sav', 'save'],
  ['varve save --arc', '--archive'],
  ['varve save --archive do', 'docs'],
  ['varve ls do', 'docs'],
  ['varve --store x arch', 'archives'],
  ['varve find docs x --kind sy', 'symlink'],
  ['varve config uns', 'unset'],
  ['varve help re', 'restore'],
];

describe('completions', { skip: process.platform === 'win32' && 'they are for POSIX shells' }, () => {
  let top: string;
  let env: NodeJS.ProcessEnv;

  before(() => {
    top = mkdtempSync(join(tmpdir(), 'varve-completions-'));
    const home = join(top, 'home');
    for (const folder of ['docs', 'bin']) mkdirSync(join(top, folder));
    writeFileSync(join(top, 'docs/file'), 'x');
    assert.equal(varve(home, ['save', join(top, 'docs')]).status, 0);
    const [file, args] = varveCommand();
    writeFileSync(join(top, 'bin/varve'), `#!/bin/sh\nexec ${[file, ...args].map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(join(top, 'bin/varve'), 0o755);
    env = { ...varveEnv(home), PATH: `${join(top, 'bin')}${delimiter}${process.env.PATH}`, HOME: top, TERM: 'xterm' };
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  function run(context: TestContext, shell: string, args: readonly string[]): string | undefined {
    if (skipUnless(context, spawnSync(shell, ['-c', 'exit 0']).status === 0, `${shell} is not installed`)) return undefined;
    const { stdout, stderr, status } = spawnSync(shell, args, { env, cwd: top, encoding: 'utf8', timeout: 30_000 });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  it('of bash', (context) => {
    const tries = CASES.map(
      ([typed]) => `COMP_WORDS=(${typed}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _varve 2>/dev/null; echo "\${COMPREPLY[*]}"`,
    );
    const output = run(context, 'bash', ['--norc', '-c', `source <(varve completions bash); ${tries.join('\n')}`]);
    if (output !== undefined)
      assert.deepEqual(
        output.trimEnd().split('\n'),
        CASES.map(([, offered]) => offered),
      );
  });

  it('of fish', (context) => {
    const tries = CASES.map(([typed]) => `complete -C '${typed}'; echo`);
    const output = run(context, 'fish', ['--no-config', '-c', `varve completions fish | source; ${tries.join('; ')}`]);
    if (output !== undefined)
      assert.deepEqual(
        output
          .trimEnd()
          .split('\n\n')
          .map((offer) => offer.split('\t')[0]),
        CASES.map(([, offered]) => offered),
      );
  });

  it('of zsh', (context) => {
    // A shell inside a shell, since only an interactive one completes; each try waits until the completed line is echoed.
    const tries = CASES.map(
      ([typed, offered]) =>
        `zpty -w -n inner '${typed}'$'\\t'; zpty -r inner seen '*${offered}*'; echo '${offered}'; zpty -w -n inner $'\\x15'`,
    );
    const setUp = `PS1=; autoload -Uz compinit; compinit -u -d '${top}/dump'; source <(varve completions zsh); echo are-we-$((1 + 1))-ready`;
    const script = [
      'zmodload zsh/zpty',
      'zpty inner zsh -f -i',
      `zpty -w inner "${setUp.replaceAll('$', '\\$')}"`,
      "zpty -r inner seen '*are-we-2-ready*'",
      ...tries,
      'zpty -d inner',
    ];
    const output = run(context, 'zsh', ['-f', '-c', script.join('\n')]);
    if (output !== undefined)
      assert.deepEqual(
        output.trimEnd().split('\n'),
        CASES.map(([, offered]) => offered),
      );
  });
});
