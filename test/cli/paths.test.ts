import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve, varveCommand, varveEnv } from '../support/varve.ts';

describe('names', () => {
  it('every name that ls shows can be pasted back', {
    skip: process.platform !== 'linux' && 'only Linux has names of any bytes',
  }, (context) => {
    const top = scratchFolder(context);
    const home = join(top, 'home');
    mkdirSync(join(top, 'docs'));
    const names = ['plain', 'two words', 'line\nend', 'back\\slash', 'x\\x41', 'umläut', 'a:b', '@~1', '[x]', '-n'].map((name) =>
      Buffer.from(name),
    );
    names.push(Buffer.from([0xff, 0x41, 0xfe]), Buffer.from('\x1b[31m'));
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${join(top, 'docs')}/`), name]), name);
    assert.equal(varve(home, ['save', join(top, 'docs')]).status, 0);
    const shown = varve(home, ['ls', 'docs']).stdout.trimEnd().split('\n');
    assert.equal(shown.length, names.length);
    // All in one process: what is printed is the names themselves, in the order of their bytes.
    const { status, stdout, stderr } = varve(home, ['cat', ...shown.map((name) => `docs:/${name}`)]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, Buffer.concat(names.sort(Buffer.compare)).toString('utf8'));
  });

  it('that are no UTF-8 can be given as their bytes', {
    skip: process.platform !== 'linux' && 'only Linux has names of any bytes',
  }, (context) => {
    const top = scratchFolder(context);
    const folder = Buffer.concat([Buffer.from(`${top}/in`), Buffer.from([0xff])]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from('/a')]), 'one');
    // No process of Node can give such arguments to another one: a shell has to.
    const run = (...args: string[]) => {
      const [file, all] = varveCommand(...args);
      const words = [file, ...all].map((word) => `'${word.replace('BYTE', `'"$(printf '\\377')"'`)}'`);
      return spawnSync('sh', ['-c', words.join(' ')], {
        env: varveEnv(join(top, 'home')),
        cwd: top,
        encoding: 'utf8',
      });
    };
    const saved = run('save', './inBYTE', '--archive', 'docs');
    assert.equal(saved.status, 0, saved.stderr);
    const { status, stderr } = run('restore', 'docs', './outBYTE');
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      readdirSync(top, 'buffer')
        .map((name) => name.toString('latin1'))
        .sort(),
      ['home', 'in\xff', 'out\xff'],
    );
  });
});
