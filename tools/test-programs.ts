/** The programs that tests run beside Varve, and how to get those that are missing. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Each program by the Debian package that brings it. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  getfattr: 'attr',
  setfacl: 'acl',
  rsync: 'rsync',
  zip: 'zip',
  unzip: 'unzip',
  sqlite3: 'sqlite3',
  git: 'git',
  tar: 'tar',
  ffmpeg: 'ffmpeg',
  gzip: 'gzip',
  zsh: 'zsh',
  fish: 'fish',
  mandoc: 'mandoc',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  rpmbuild: 'rpm',
  strace: 'strace',
  'systemd-analyze': 'systemd',
  time: 'time',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.ext4': 'e2fsprogs',
};

/** The programs of the list that are nowhere on PATH. */
export function missingPrograms(): string[] {
  return Object.keys(PACKAGE_OF).filter((program) => !onPath(program));
}

/** Installs the packages of `programs` where this process may: as root on a system with apt. Returns whether all are there afterwards. */
export function installPrograms(programs: readonly string[]): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !onPath('apt-get')) return false;
  const packages = [...new Set(programs.map((program) => PACKAGE_OF[program] as string))];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const run = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (run.status !== 0) return false;
  }
  return missingPrograms().length === 0;
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
