import { join } from 'node:path';
import type { Command, Peer } from './types.ts';

/** borg without encryption, which is its fastest mode; `compression` as its option `-C` takes it. */
function borgWith(name: string, compression: string | undefined): Peer {
  const options = compression === undefined ? [] : ['-C', compression];
  return {
    name,
    settings: `${compression ?? 'defaults: lz4'}, not encrypted`,
    debianPackage: 'borgbackup',
    version: { argv: ['borg', '--version'] },
    init: (home) => inRepository(home, home, 'init', '--encryption=none'),
    save: (home, source, revision) => inRepository(home, source, 'create', ...options, `::${revision}`, '.'),
    restore: (home, target) => inRepository(home, target, 'extract', '::1'),
    restored: (target) => target,
    verify: (home) => inRepository(home, home, 'check', '--verify-data'),
    store: (home) => join(home, 'repository'),
  };
}

function inRepository(home: string, cwd: string, ...args: string[]): Command {
  return {
    argv: ['borg', ...args],
    cwd,
    env: { BORG_REPO: join(home, 'repository'), BORG_BASE_DIR: home, BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes' },
  };
}

export const borg = borgWith('borg', undefined);
export const borgZstd = borgWith('borg zstd', 'zstd,1');
/** As small as borg stores with a compression that restores as quickly as others. */
export const borgMax = borgWith('borg max', 'zstd,22');
