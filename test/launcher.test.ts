/** The launcher `bin/varve` in a package made for the purpose, so that only the launcher is under test. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const LAUNCHER = join(import.meta.dirname, '../bin/varve');
const MAIN = `const args: string[] = process.argv.slice(2);
console.log(JSON.stringify({ args, cwd: process.cwd(), main: process.argv[1] }));
process.exitCode = 3;
`;

describe('the launcher', { skip: process.platform === 'win32' && 'a shell script: Windows goes through the shell of npm' }, () => {
  let top: string;
  let root: string;
  let home: string;

  before(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'varve launcher ')));
    root = join(top, 'a package');
    home = join(top, 'home');
    for (const folder of ['bin', 'src/cli', 'node_modules/.bin']) mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(LAUNCHER, join(root, 'bin/varve'));
    chmodSync(join(root, 'bin/varve'), 0o755);
    writeFileSync(join(root, 'src/cli/main.ts'), MAIN);
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
  });

  after(() => rmSync(top, { recursive: true, force: true }));

  function launch(file: string, args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
    const env = { PATH: '/usr/bin:/bin', HOME: home, ...options.env };
    return spawnSync(file, args, { cwd: options.cwd ?? top, env, encoding: 'utf8', timeout: 20_000 });
  }

  it('hands over arguments, working folder and exit status unchanged', () => {
    const run = launch(join(root, 'bin/varve'), ['save', 'a b', '', '*']);
    assert.equal(run.status, 3);
    assert.deepEqual(JSON.parse(run.stdout).args, ['save', 'a b', '', '*']);
    assert.equal(JSON.parse(run.stdout).cwd, top);
  });

  it('works through a chain of relative and absolute symbolic links', () => {
    mkdirSync(join(top, 'links'));
    symlinkSync('../a package/bin/varve', join(top, 'links/first'));
    symlinkSync(join(top, 'links/first'), join(top, 'links/second'));
    assert.equal(launch(join(top, 'links/second'), []).status, 3);
  });

  it('works when started from its own folder, with CDPATH set', () => {
    const run = launch('./varve', [], { cwd: join(root, 'bin'), env: { CDPATH: '/:/usr' } });
    assert.equal(run.status, 3);
  });

  it('runs the sources where they are newer than the bundle', () => {
    const checkout = join(top, 'checkout');
    for (const folder of ['bin', 'build/bundle', 'src/cli', 'node_modules/.bin']) mkdirSync(join(checkout, folder), { recursive: true });
    copyFileSync(LAUNCHER, join(checkout, 'bin/varve'));
    chmodSync(join(checkout, 'bin/varve'), 0o755);
    for (const main of ['build/bundle/main.cjs', 'src/cli/main.ts']) writeFileSync(join(checkout, main), `console.log('${main}')`);
    symlinkSync(process.execPath, join(checkout, 'node_modules/.bin/node'));
    const times = (bundle: number, source: number) => {
      utimesSync(join(checkout, 'build/bundle/main.cjs'), bundle, bundle);
      utimesSync(join(checkout, 'src/cli/main.ts'), source, source);
    };
    times(2000, 1000);
    assert.equal(launch(join(checkout, 'bin/varve'), []).stdout.trim(), 'build/bundle/main.cjs');
    times(1000, 2000);
    assert.equal(launch(join(checkout, 'bin/varve'), []).stdout.trim(), 'src/cli/main.ts');
  });

  it('runs the bundle where there are no sources', () => {
    const published = join(top, 'node_modules/varve');
    mkdirSync(join(published, 'bin'), { recursive: true });
    mkdirSync(join(published, 'build/bundle'), { recursive: true });
    mkdirSync(join(top, 'node_modules/.bin'));
    copyFileSync(LAUNCHER, join(published, 'bin/varve'));
    chmodSync(join(published, 'bin/varve'), 0o755);
    writeFileSync(join(published, 'build/bundle/main.cjs'), 'console.log(JSON.stringify({ main: process.argv[1] }))');
    symlinkSync(process.execPath, join(top, 'node_modules/.bin/node'));
    symlinkSync('../varve/bin/varve', join(top, 'node_modules/.bin/varve'));
    const run = launch(join(top, 'node_modules/.bin/varve'), []);
    assert.equal(JSON.parse(run.stdout).main, join(published, 'build/bundle/main.cjs'));
  });

  it('goes on without a compile cache when the folder cannot be written', () => {
    const run = launch(join(root, 'bin/varve'), [], { env: { VARVE_HOME: '/proc/none' } });
    assert.equal(run.status, 3);
    assert.equal(run.stderr, '');
  });

  it('keeps its compile cache under VARVE_HOME', () => {
    assert.equal(launch(join(root, 'bin/varve'), [], { env: { VARVE_HOME: home } }).status, 3);
    assert.ok(existsSync(join(home, 'cache/compile')));
  });

  it('makes the folders of what is kept for their owner alone', () => {
    const fresh = join(top, 'fresh home');
    launch(join(root, 'bin/varve'), [], { env: { VARVE_HOME: fresh } });
    for (const folder of ['', 'cache', 'cache/compile']) assert.equal(statSync(join(fresh, folder)).mode & 0o777, 0o700, folder);
  });

  it('says in one line what is wrong under an older Node', () => {
    const old = join(top, 'old');
    mkdirSync(join(old, 'bin'), { recursive: true });
    copyFileSync(LAUNCHER, join(old, 'bin/varve'));
    chmodSync(join(old, 'bin/varve'), 0o755);
    writeFileSync(join(old, 'node'), '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 });
    const run = launch(join(old, 'bin/varve'), [], { env: { PATH: `${old}:/usr/bin:/bin` } });
    assert.equal(run.status, 1);
    assert.match(run.stderr, /^varve: needs Node 26 or newer, found v20\.1\.0; run 'npm ci' in .*\n$/);
  });
});
