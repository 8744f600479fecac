import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { foldersOf } from './folders.ts';
import { parseSize } from './size.ts';

describe('folders', () => {
  it('are all under VARVE_HOME when it is set', () => {
    const { configFile, dataDir, cacheDir, stateDir } = foldersOf({ VARVE_HOME: 'v', XDG_CACHE_HOME: '/c' });
    assert.deepEqual(
      [configFile, dataDir, cacheDir, stateDir],
      ['v/config.toml', 'v', 'v/cache', 'v/state'].map((path) => resolve(path)),
    );
  });

  it('follow the XDG variables that are absolute', { skip: process.platform === 'win32' && 'Windows has folders of its own' }, () => {
    const { configFile, dataDir, cacheDir, stateDir } = foldersOf({ HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: 'relative' });
    assert.deepEqual([configFile, dataDir], [join('/c', 'varve', 'config.toml'), '/h/.local/share/varve']);
    assert.deepEqual([cacheDir, stateDir], ['/h/.cache/varve', '/h/.local/state/varve']);
  });
});

describe('sizes', () => {
  it('are read with binary and decimal units', () => {
    const texts = ['0', '17', '17 B', '4k', '4K', '4 KiB', '1.5 MiB', '4kB', '2 GB', '1T'];
    assert.deepEqual(texts.map(parseSize), [0, 17, 17, 4096, 4096, 4096, 1572864, 4000, 2e9, 2 ** 40]);
  });

  it('are refused when they are none', () => {
    assert.deepEqual(['', 'k', '-1', '1 KiBs', '1e3', '99999999T'].map(parseSize), Array(6).fill(undefined));
  });
});
