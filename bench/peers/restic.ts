import { join } from 'node:path';
import type { Command, Peer } from './types.ts';

/** restic at its defaults, which are zstd where it pays, and encryption, which it cannot leave out. */
export const restic: Peer = {
  name: 'restic',
  settings: 'defaults: zstd (auto), always encrypted',
  debianPackage: 'restic',
  version: { argv: ['restic', 'version'] },
  init: (home) => inRepository(home, 'init'),
  save: (home, source) => inRepository(home, 'backup', source),
  restore: (home, target) => inRepository(home, 'restore', 'latest', '--target', target),
  restored: (target, source) => join(target, source),
  verify: (home) => inRepository(home, 'check', '--read-data'),
  store: (home) => join(home, 'repository'),
};

function inRepository(home: string, ...args: string[]): Command {
  return {
    argv: ['restic', ...args],
    env: { RESTIC_REPOSITORY: join(home, 'repository'), RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(home, 'cache') },
  };
}
