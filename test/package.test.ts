/** What `npm ci` finds, which must install the same on every platform, whatever machine wrote the lock file; and what `npm pack` publishes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { missingPackages } from '../tools/complete-lock.ts';
import { scratchFolder } from './support/scratch.ts';

const ROOT = join(import.meta.dirname, '..');
const LOCK_TEXT = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
const LOCK = JSON.parse(LOCK_TEXT);
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('the package', () => {
  it('locks the packages of every platform', () => {
    assert.deepEqual([...missingPackages(LOCK).keys()], [], 'run: node tools/complete-lock.ts');
  });

  it('locks no registry host', () => {
    assert.doesNotMatch(LOCK_TEXT, /"resolved"/);
  });

  it('brings exactly one Node to each platform, and none to a platform that has no such package', () => {
    const platforms = Object.keys(MANIFEST.optionalDependencies).map((name) => {
      const { os, cpu } = LOCK.packages[`node_modules/${name}`];
      return `${os} ${cpu}`;
    });
    assert.deepEqual(platforms.toSorted(), ['darwin arm64', 'darwin x64', 'linux arm64', 'linux x64', 'win32 arm64', 'win32 x64']);
  });

  it('has an executable launcher', { skip: process.platform === 'win32' && 'Windows has no executable bit' }, () => {
    assert.ok(statSync(join(ROOT, MANIFEST.bin.varve)).mode & 0o111);
  });

  it('has a monitor for other programs, with types, that runs as published', {
    skip: process.platform === 'win32' && 'npm is a script there',
  }, (context) => {
    const top = scratchFolder(context);
    execFileSync('npm', ['run', '--silent', 'declarations'], { cwd: ROOT });
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', top], { cwd: ROOT });
    const [archive = ''] = readdirSync(top);
    execFileSync('tar', ['-xzf', archive], { cwd: top });
    const modules = join(top, 'node_modules');
    mkdirSync(modules);
    renameSync(join(top, 'package'), join(modules, 'varve'));
    for (const name of [...Object.keys(MANIFEST.dependencies), '@types/node']) {
      mkdirSync(join(modules, name, '..'), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    mkdirSync(join(top, 'tree'));
    writeFileSync(join(top, 'tree', 'a file'), 'content');
    writeFileSync(
      join(top, 'program.mts'),
      `import { type Change, monitor } from 'varve/monitor';
       await using changes = monitor('tree');
       const { value } = await changes.next();
       const change: Change | undefined = value;
       console.log(change?.path, change?.new?.size);`,
    );
    assert.equal(execFileSync(process.execPath, ['program.mts'], { cwd: top, encoding: 'utf8' }), 'a file 7\n');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--lib', 'esnext', '--types', 'node'];
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...options, 'program.mts'], { cwd: top, stdio: 'inherit' });
  });
});
