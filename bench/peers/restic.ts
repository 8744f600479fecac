import { join } from 'node:path';
import type { Command, Peer } from './types.ts';

/** restic, which always encrypts; `compression` as its option takes it. */
function resticWith(name: string, compression: string | undefined): Peer {
  const options = compression === undefined ? [] : ['--compression', compression];
  return {
    name,
    settings: `${compression === undefined ? 'defaults: zstd (auto)' : `zstd (${compression})`}, always encrypted`,
    debianPackage: 'restic',
    version: { argv: ['restic', 'version'] },
    init: (home) => inRepository(home, 'init'),
    save: (home, source) => inRepository(home, 'backup', ...options, source),
    restore: (home, target) => inRepository(home, 'restore', 'latest', '--target', target),
    restored: (target, source) => join(target, source),
    verify: (home) => inRepository(home, 'check', '--read-data'),
    store: (home) => join(home, 'repository'),
  };
}

function inRepository(home: string, ...args: string[]): Command {
  return {
    argv: ['restic', ...args],
    env: { RESTIC_REPOSITORY: join(home, 'repository'), RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(home, 'cache') },
  };
}

export const restic = resticWith('restic', undefined);
export const resticMax = resticWith('restic max', 'max');
