import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { defaultFile } from './default-file.ts';
import { ConfigError } from './errors.ts';
import { loadConfig, type Override } from './load.ts';

describe('loading the configuration', () => {
  let home: string;
  let file: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'varve-config-'));
    file = join(home, 'config.toml');
  });
  afterEach(() => rmSync(home, { recursive: true }));

  function load(text: string | undefined, env: Record<string, string> = {}, overrides: readonly Override[] = []) {
    if (text !== undefined) writeFileSync(file, text);
    return loadConfig(overrides, { VARVE_HOME: home, ...env });
  }

  async function refused(text: string, where: string, problem: RegExp, env: Record<string, string> = {}) {
    await assert.rejects(load(text, env), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.where, where);
      assert.match(error.message, problem);
      return true;
    });
  }

  it('gives defaults and a store under the home where there is no file', async () => {
    const { settings, all } = await load(undefined);
    assert.equal(settings.store, '[default]');
    assert.equal(settings.hash.algorithm, 'blake3');
    assert.equal(settings.stores.get('default')?.path, join(home, 'store'));
    assert.deepEqual(all.get('save.threads'), { value: undefined, origin: { kind: 'default', where: 'default' } });
  });

  it('changes nothing by the default file', async () => {
    assert.deepEqual((await load(defaultFile())).settings, (await load('')).settings);
  });

  it('takes every line of the default file when its comment sign is taken away', async () => {
    const { all } = await load(defaultFile().replace(/^# (?=[a-z-]+ = )/gm, ''));
    for (const [key, { origin }] of all) assert.equal(origin.kind, 'file', key);
  });

  it('takes values of the file, and tells their lines', async () => {
    const { settings, all } = await load('# mine\n[save]\nexcludes = [\n  "*.tmp", # scratch\n  "b,c",\n]\nthreads = 2\n');
    assert.deepEqual(settings.save.excludes, ['*.tmp', 'b,c']);
    assert.equal(settings.save.threads, 2);
    assert.deepEqual(all.get('save.threads')?.origin, { kind: 'file', where: `${file}:7` });
  });

  it('prefers an option to the environment, and the environment to the file', async () => {
    const text = '[hash]\nalgorithm = "sha1"\n[save]\nthreads = 1\none-file-system = true\n';
    const env = { VARVE_SAVE_THREADS: '2', VARVE_SAVE_ONE_FILE_SYSTEM: 'no' };
    const { settings, all } = await load(text, env, [{ key: 'save.threads', text: '3', option: '--threads' }]);
    assert.equal(settings.save.threads, 3);
    assert.equal(settings.save.oneFileSystem, false);
    assert.equal(settings.hash.algorithm, 'sha1');
    assert.deepEqual(all.get('save.threads')?.origin, { kind: 'option', where: '--threads' });
    assert.deepEqual(all.get('save.one-file-system')?.origin, { kind: 'environment', where: 'VARVE_SAVE_ONE_FILE_SYSTEM' });
  });

  it('understands the short variables VARVE_HASH and VARVE_STORE', async () => {
    const { settings } = await load('', { VARVE_HASH: 'sha2-256', VARVE_STORE: '/mnt/store' });
    assert.equal(settings.hash.algorithm, 'sha2-256');
    assert.equal(settings.store, '/mnt/store');
  });

  it('counts an empty variable as not set', async () => {
    assert.equal((await load('', { VARVE_HASH: '' })).settings.hash.algorithm, 'blake3');
  });

  it('reads the clause of a store, with sizes in bytes', async () => {
    const { settings } = await load(
      '[stores.backup]\npath = "b"\nchunk-min = "4 KiB"\nchunk-target = 16384\nchunk-max = "64k"\ncompression = 9\n',
    );
    assert.deepEqual(settings.stores.get('backup'), {
      type: 'datadir',
      path: join(home, 'b'),
      hash: undefined,
      chunking: { minBytes: 4096, targetBytes: 16384, maxBytes: 65536 },
      compression: 9,
    });
    assert.deepEqual([...settings.stores.keys()], ['default', 'backup']);
  });

  it('reads for how long the past is remembered, in the words of rules of owners', async () => {
    const { settings } = await load('[history]\nmax-age = "2 years"\nmax-events = 1000\nretention = ["90 days", "20 versions"]\n');
    const { maxAge, maxEvents, retention } = settings.history;
    assert.deepEqual([maxAge, maxEvents, retention], ['2 years', 1000, ['90 days', '20 versions']]);
    const { history } = (await load('', { VARVE_HISTORY_RETENTION: '30 days, 5 versions' })).settings;
    assert.deepEqual(history, { maxAge: undefined, maxEvents: undefined, retention: ['30 days', '5 versions'] });
  });

  it('expands the home and variables in paths', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Varve that expands it
    const { settings } = await load('[stores.a]\npath = "$DISK/${NAME}"\n[stores.b]\npath = "~/b"\n', {
      DISK: '/disk',
      NAME: 'n',
      HOME: homedir(),
    });
    assert.equal(settings.stores.get('a')?.path, resolve('/disk/n'));
    assert.equal(settings.stores.get('b')?.path, join(homedir(), 'b'));
  });

  it('refuses an unknown key with its line and what there is', () =>
    refused('[save]\n\nthread = 2\n', `${file}:3`, /no setting save\.thread; there are .*threads/));
  it('refuses an unknown section with its line', () => refused('\n[sav]\n', `${file}:2`, /no section \[sav\]/));
  it('refuses a table where a value belongs', () =>
    refused('[save.threads]\nx = 1\n', `${file}:2`, /save\.threads must be a whole number/));
  it('refuses a value of the wrong kind', () =>
    refused('[save]\nthreads = "two"\n', `${file}:2`, /save\.threads must be a whole number from 0 to 256/));
  it('refuses a bad value in the environment by the name of its variable', () =>
    refused('', 'VARVE_SAVE_THREADS', /must be a whole number/, { VARVE_SAVE_THREADS: 'x' }));
  it('refuses what is not TOML with the line and the column', () => refused('[save]\nthreads = = 2\n', `${file}:2`, /column \d+/));
  it('refuses a path with a variable that is not set', () =>
    refused('[stores.a]\npath = "$NOWHERE_AT_ALL/a"\n', `${file}:2`, /\$NOWHERE_AT_ALL is not set/));
  it('refuses a datadir without a path', () => refused('[stores.a]\ncompression = 3\n', `${file}:2`, /stores\.a\.path is missing/));
  it('refuses two of the three bounds', () =>
    refused('[stores.default]\nchunk-min = 100\nchunk-max = 200\n', `${file}:2`, /all three or none/));
  it('refuses a time that is none', () =>
    refused('[history]\nmax-age = "soon"\n', `${file}:2`, /history\.max-age must be a text such as "90 days"/));
  it('refuses a retention that says a thing twice', () =>
    refused('[history]\nretention = ["9 days", "9 weeks"]\n', `${file}:2`, /says twice how many days/));
  it('refuses bounds out of order', () =>
    refused('[stores.default]\nchunk-min = 300\nchunk-target = 200\nchunk-max = 400\n', `${file}:2`, /chunk-min ≤ chunk-target/));

  it('refuses an option for a setting that there is not', async () => {
    await assert.rejects(load('', {}, [{ key: 'save.speed', text: '1', option: '--set' }]), /--set: there is no setting save\.speed/);
  });

  it('refuses a folder where the file should be', async () => {
    mkdirSync(file);
    await assert.rejects(load(undefined), ConfigError);
  });
});
