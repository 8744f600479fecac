import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { UNIT } from './systemctl.ts';

const SYSTEM_UNITS = '/etc/systemd/system';
/** systemd's own, where the launcher looks for a Node if its package brings none. */
const SERVICE_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const XDG = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME'];

/** Where the unit is installed. */
export function unitFile(isSystem: boolean): string {
  return join(isSystem ? SYSTEM_UNITS : join(configHome(), 'systemd/user'), UNIT);
}

/** What the service has to know of this process's environment to use the same Node and the same folders. */
export function unitEnvironment(isSystem: boolean): Record<string, string> {
  const { env } = process;
  const home = env.HOME || homedir();
  const environment: Record<string, string> = { PATH: [dirname(process.execPath), ...SERVICE_PATH].join(delimiter) };
  // systemd sets none for a service of the system, and the launcher's cache would land in the root folder.
  if (isSystem) environment.HOME = home;
  if (env.VARVE_HOME) return { ...environment, VARVE_HOME: resolve(env.VARVE_HOME) };
  for (const name of XDG) {
    const value = env[name];
    if (value && isAbsolute(value)) environment[name] = value;
  }
  return environment;
}

function configHome(): string {
  const set = process.env.XDG_CONFIG_HOME;
  return set && isAbsolute(set) ? set : join(process.env.HOME || homedir(), '.config');
}
