import assert from 'node:assert/strict';
import fs, { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { ConfigError } from '../../base/config/errors.ts';
import { type LoadedRules, loadRules, readRule } from './read-rules.ts';
import { SHIPPED_RULES } from './shipped.ts';

function fileWith(context: TestContext, text: string | Buffer, name = 'mine.toml'): string {
  const file = join(scratchFolder(context), name);
  writeFileSync(file, text);
  return file;
}

async function refused(context: TestContext, text: string | Buffer, line: number | undefined, problem: RegExp) {
  const file = fileWith(context, text);
  await assert.rejects(readRule(file), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.where, line === undefined ? file : `${file}:${line}`);
    assert.match(error.message, problem);
    return true;
  });
}

describe('a rule file', () => {
  it('says folders and flags', async (context) => {
    const file = fileWith(
      context,
      `name = "My  game"\ncomment = "Saved games"\nfolders = ["~/.local/share/game", "/srv/game"]
keep = true\nrecord = ["create", "modify"]\nnotify = ["delete"]\nretention = ["90 days", "20 versions"]\n`,
    );
    const rule = await readRule(file);
    assert.deepEqual([rule.id, rule.name, rule.comment, rule.source], ['mine', 'My game', 'Saved games', 'user']);
    assert.deepEqual(
      rule.folders.map(({ text }) => text),
      ['~/.local/share/game', '/srv/game'],
    );
    assert.deepEqual([...rule.flags.record], ['created', 'modified']);
    assert.deepEqual([...rule.flags.notify], ['deleted']);
    assert.equal(rule.flags.retention?.age?.days, 90);
    assert.equal(rule.flags.retention?.versions, 20);
  });

  it('keeps, hashes and records everything where it says nothing, and tells nobody', async (context) => {
    const { flags, name } = await readRule(fileWith(context, 'folders = ["/srv"]\n'));
    assert.deepEqual(
      [flags.keep, flags.hash, flags.record.size, flags.notify.size, flags.retention, name],
      [true, true, 5, 0, undefined, 'mine'],
    );
  });

  it('does not keep what it does not hash', async (context) => {
    assert.equal((await readRule(fileWith(context, 'folders = ["/srv"]\nhash = false\n'))).flags.keep, false);
    await refused(context, 'folders = ["/srv"]\nhash = false\nkeep = true\n', 3, /keep = true needs hash = true/);
  });

  it('is refused with the line and the reason', async (context) => {
    await refused(context, 'folders = ["/srv"]\nkep = true\n', 2, /no key kep in a rule: is it keep\?/);
    await refused(context, '# mine\nfolders = [\n  "srv",\n]\n', 2, /folders must begin with \/, ~\/ or \*\*\/: srv/);
    await refused(context, 'folders = ["/a**b"]\n', 1, /must stand alone/);
    await refused(context, 'folders = ["/a/../b"]\n', 1, /must not have a \.\./);
    await refused(context, 'folders = ["/[ä]"]\n', 1, /only ASCII/);
    await refused(context, 'folders = ["/a{b"]\n', 1, /is no glob/);
    await refused(context, `folders = ["/${'a/'.repeat(65)}"]\n`, 1, /deeper than 64/);
    await refused(context, 'keep = true\n', 1, /folders is missing/);
    await refused(context, 'folders = []\nrecord = ["created"]\n', 2, /record must be a list of any of create, modify/);
    await refused(context, 'folders = []\n\nretention = "90 moons"\n', 3, /such as "90 days"/);
    await refused(context, 'folders = []\nretention = ["9 days", "9 weeks"]\n', 2, /says twice/);
    await refused(context, 'folders = []\nkeep = 1\n', 2, /must be true or false/);
    await refused(context, 'folders = [\n', 2, /./);
    await refused(context, '[folders]\na = 1\n', 2, /must be a list of texts/);
    await refused(context, Buffer.from([0x66, 0xff]), undefined, /not UTF-8/);
    await refused(context, Buffer.alloc((1 << 20) + 1, '#'), undefined, /larger than/);
  });
});

describe('loading rules', () => {
  it('gives the shipped ones where there is no folder', async (context) => {
    const { rules, faults } = await loadRules(join(scratchFolder(context), 'owners'));
    assert.deepEqual([rules, faults], [[...SHIPPED_RULES], []]);
    assert.ok(rules.length >= 25);
  });

  it('replaces a shipped rule by a file of its id', async (context) => {
    const file = fileWith(context, 'folders = []\n', 'firefox.toml');
    const { rules } = await loadRules(join(file, '..'));
    const [firefox, ...more] = rules.filter(({ id }) => id === 'firefox');
    assert.deepEqual([firefox?.source, firefox?.folders, more], ['user', [], []]);
  });

  it('goes on beside files that cannot be read, whose shipped rules hold', async (context) => {
    const file = fileWith(context, 'folders = 1\n', 'firefox.toml');
    mkdirSync(join(file, '../folder.toml'));
    writeFileSync(join(file, '../good.toml'), 'folders = ["/srv"]\n');
    writeFileSync(join(file, '../.good.toml.swp'), 'x');
    const { rules, faults } = await loadRules(join(file, '..'));
    assert.deepEqual(
      faults.map(({ where }) => where.slice(where.lastIndexOf('/') + 1)),
      ['firefox.toml:1', 'folder.toml'],
    );
    assert.equal(rules.find(({ id }) => id === 'firefox')?.source, 'shipped');
    assert.equal(rules[0]?.id, 'good');
  });

  it('leaves as it was what cannot be read any more, and no file that is gone', async (context) => {
    const file = fileWith(context, 'folders = ["/srv/one"]\n', 'one.toml');
    const folder = join(file, '..');
    for (const name of ['firefox', 'gone']) writeFileSync(join(folder, `${name}.toml`), 'folders = ["/srv"]\nretention = "10 years"\n');
    const before = await loadRules(folder);
    writeFileSync(join(folder, 'firefox.toml'), 'folders = ["/srv"]\nretention = "10 yeras"\n');
    writeFileSync(file, 'folders = ["/srv/two"]\n');
    rmSync(join(folder, 'gone.toml'));
    const after = await loadRules(folder, before);
    const own = (rules: LoadedRules['rules']) => rules.filter(({ source }) => source === 'user');
    assert.deepEqual(
      own(after.rules).map(({ id, folders, flags }) => [id, folders[0]?.text, flags.retention?.age?.years]),
      [
        ['firefox', '/srv', 10],
        ['one', '/srv/two', undefined],
      ],
    );
    assert.ok(after.rules.every(({ id, source }) => id !== 'firefox' || source === 'user'));
    assert.equal(after.faults.length, 1);
    const listed = context.mock.method(fs, 'readdirSync', () => {
      throw new Error('no descriptors are left');
    });
    const unlisted = await loadRules(folder, after);
    assert.deepEqual([own(unlisted.rules), unlisted.faults.length], [own(after.rules), 1]);
    listed.mock.restore();
  });
});
