import { join } from 'node:path';
import type { Peer } from './types.ts';

export const LAUNCHER = join(import.meta.dirname, '../../bin/varve');

/** Varve at its defaults, started as users start it. */
export const varve: Peer = {
  name: 'varve',
  settings: 'defaults',
  debianPackage: undefined,
  version: { argv: [LAUNCHER, '--version'] },
  save: (home, source) => ({ argv: [LAUNCHER, 'save', source, '--archive', 'bench', '--json'], env: { VARVE_HOME: home } }),
  restore: (home, target) => ({ argv: [LAUNCHER, 'restore', 'bench', target], env: { VARVE_HOME: home } }),
  restored: (target) => target,
  verify: (home) => ({ argv: [LAUNCHER, 'verify'], env: { VARVE_HOME: home } }),
  // As with the others, without the caches, which are no part of what is kept.
  store: (home) => join(home, 'store'),
};
