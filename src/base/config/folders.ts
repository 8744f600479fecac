import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** Where Varve keeps what is its own; absolute paths, of which none need exist. */
export interface Folders {
  readonly configFile: string;
  /** What must not be lost: stores, and the catalogue. */
  readonly dataDir: string;
  /** What can be made again: file caches, compiled code. */
  readonly cacheDir: string;
  /** What should be kept but is of this machine alone: logs, marks of unfinished work. */
  readonly stateDir: string;
}

/**
 * All under `VARVE_HOME` when that is set; else the folders of the XDG Base Directory Specification, on Windows those of `LOCALAPPDATA`.
 * A relative XDG variable counts as unset, as that specification says.
 */
export function foldersOf(env: NodeJS.ProcessEnv = process.env): Folders {
  if (env.VARVE_HOME) {
    const home = resolve(env.VARVE_HOME);
    return { configFile: join(home, 'config.toml'), dataDir: home, cacheDir: join(home, 'cache'), stateDir: join(home, 'state') };
  }
  const user = env.HOME || homedir();
  const local = process.platform === 'win32' && env.LOCALAPPDATA ? env.LOCALAPPDATA : undefined;
  const folder = (variable: string, fallback: string) => {
    const set = env[variable];
    return join(set && isAbsolute(set) ? set : (local ?? join(user, fallback)), 'varve');
  };
  return {
    configFile: join(folder('XDG_CONFIG_HOME', '.config'), 'config.toml'),
    dataDir: folder('XDG_DATA_HOME', '.local/share'),
    cacheDir: folder('XDG_CACHE_HOME', '.cache'),
    stateDir: folder('XDG_STATE_HOME', '.local/state'),
  };
}

/** Where the user's rules of owners are. */
export function ownersFolder({ configFile }: Folders): string {
  return join(dirname(configFile), 'owners');
}

/** The file of the catalogue. */
export function catalogueFile({ dataDir }: Folders): string {
  return join(dataDir, 'catalogue.db');
}
