import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../peers/types.ts';
import { SERVICE } from './followers/varve.ts';
import { ownServer } from './followers/watchman.ts';

/** A way to learn of all files of a folder. */
export interface Scanner {
  readonly name: string;
  readonly debianPackage: string | undefined;
  readonly version: Command;
  /** Learns of everything in `folder`; what it keeps is in `home`, an empty folder before the first time. */
  scan(folder: string, home: string): Command;
  /** The file that it keeps, if any. */
  kept?(home: string): string;
}

/** The catalogue: stats of all files with indexes over them, ready to be asked. It ends as soon as everything is scanned. */
const varve: Scanner = {
  name: 'varve',
  debianPackage: undefined,
  version: { argv: [process.execPath, '--version'] },
  scan: (folder, home) => ({ argv: [process.execPath, SERVICE, join(home, 'catalogue.db'), folder, 'none'] }),
  kept: (home) => join(home, 'catalogue.db'),
};

/** Prints stats and keeps nothing: what a walk costs. */
const find: Scanner = {
  name: 'find',
  debianPackage: 'findutils',
  version: { argv: ['find', '--version'] },
  scan: (folder) => ({ argv: ['sh', '-c', `find "$0" -printf '%i %s %T@ %p\\n' > /dev/null`, folder] }),
};

/** Names alone, compressed; stats of directories only. */
const updatedb: Scanner = {
  name: 'updatedb',
  debianPackage: 'plocate',
  version: { argv: ['updatedb', '--version'] },
  scan: (folder, home) => ({
    argv: ['updatedb', '-l', 'no', '--prunepaths', '', '--prunefs', '', '--prunenames', '', '-U', folder, '-o', join(home, 'names.db')],
  }),
  kept: (home) => join(home, 'names.db'),
};

/** Sizes of all files, added up, as JSON. */
const gdu: Scanner = {
  name: 'gdu',
  debianPackage: 'gdu',
  version: { argv: ['sh', '-c', 'version=$(gdu --version) && echo $version'] },
  scan: (folder, home) => ({ argv: ['gdu', '-n', '-p', '-o', join(home, 'sizes.json'), folder] }),
  kept: (home) => join(home, 'sizes.json'),
};

/** A server of its own that crawls the folder, marking every directory, and holds it in memory. */
const watchman: Scanner = {
  name: 'watchman',
  debianPackage: 'watchman',
  version: { argv: ['watchman', '--version'] },
  scan: (folder, home) => {
    const client = `watchman ${ownServer('$1')
      .map((option) => `"${option}"`)
      .join(' ')}`;
    const ask = (command: string) => `echo '${command}' | sed "s|FOLDER|$0|" | ${client} --no-spawn --json-command > /dev/null`;
    const script = [
      // The server before this one leaves its socket behind, at which nobody listens.
      'rm -f "$1/sockname"',
      `${client} --foreground & trap 'kill $!' EXIT; set -e`,
      // Its socket is there a moment before it listens.
      `until ${client} --no-spawn get-pid > /dev/null 2>&1; do kill -0 $!; sleep 0.01; done`,
      ask('["watch", "FOLDER"]'),
      ask('["clock", "FOLDER", {"sync_timeout": 600000}]'),
      ask('["shutdown-server"]'),
      'trap - EXIT; wait',
    ];
    return { argv: ['sh', '-c', script.join('\n'), folder, home] };
  },
};

export const SCANNERS: readonly Scanner[] = [varve, find, updatedb, gdu, watchman];

export function keptBytes({ kept }: Scanner, home: string): number | undefined {
  return kept === undefined ? undefined : statSync(kept(home)).size;
}

/** An empty folder for what a scanner keeps. */
export function homeOf({ name }: Scanner, scratch: string): string {
  const home = join(scratch, name);
  mkdirSync(home);
  return home;
}
