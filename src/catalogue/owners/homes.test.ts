import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { nameFromText } from '../../base/names.ts';
import { homesOf } from './homes.ts';

describe('the homes of users', () => {
  it('are those of people and root that exist, each once, where they really are', (context) => {
    const folder = scratchFolder(context);
    for (const name of ['root', 'ann', 'bob', 'daemon', 'own']) mkdirSync(join(folder, name));
    symlinkSync('ann', join(folder, 'link'));
    const users = { root: 0, daemon: 1, ann: 1000, link: 1001, gone: 1002, bob: 1003, nobody: 65534 };
    const lines = Object.entries(users).map(([name, uid]) => `${name}:x:${uid}:${uid}:${name}:${join(folder, name)}:/bin/sh\n`);
    const passwd = join(folder, 'passwd');
    writeFileSync(passwd, `${lines.join('')}none:x:1004:1004::/:/bin/sh\ndamaged\n`);
    const expected = ['own', 'root', 'ann', 'bob'].map((name) => nameFromText(join(folder, name)));
    assert.deepEqual(homesOf(nameFromText(join(folder, 'own')), passwd), expected);
    assert.deepEqual(homesOf(undefined, join(folder, 'none')), []);
  });
});
