/** What `npm ci` finds: it must install the same on every platform, whatever machine wrote the lock file. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { missingPackages } from '../tools/complete-lock.ts';

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
});
