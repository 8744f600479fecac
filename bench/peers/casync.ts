import { join } from 'node:path';
import type { Peer } from './types.ts';

/** casync at its defaults, made explicit where they are set when it is compiled. It cannot check a store. */
export const casync: Peer = {
  name: 'casync',
  settings: 'defaults: zstd, not encrypted',
  debianPackage: 'casync',
  version: { argv: ['casync', '--version'] },
  save: (home, source, revision) => ({
    argv: ['casync', 'make', '--compression=zstd', `--store=${storeOf(home)}`, join(home, `${revision}.caidx`), source],
  }),
  restore: (home, target) => ({ argv: ['casync', 'extract', `--store=${storeOf(home)}`, join(home, '1.caidx'), target] }),
  restored: (target) => target,
  store: (home) => home,
};

function storeOf(home: string): string {
  return join(home, 'default.castr');
}
