import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve } from '../support/varve.ts';

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
});
