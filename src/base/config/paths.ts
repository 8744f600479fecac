import { homedir } from 'node:os';
import { resolve } from 'node:path';

const VARIABLE = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g;

/**
 * The absolute path that a setting means: a leading `~` is the user's home, `$NAME` and `${NAME}` are variables of `env`, and a relative path
 * starts at `base`. Throws RangeError, with what is wrong, for a variable that is not set.
 */
export function expandPath(path: string, base: string, env: NodeJS.ProcessEnv): string {
  const home = /^~(?=$|[/\\])/.test(path) ? (env.HOME || homedir()) + path.slice(1) : path;
  const expanded = home.replace(VARIABLE, (whole, plain?: string, braced?: string) => {
    const value = env[plain ?? braced ?? ''];
    if (!value) throw new RangeError(`${whole} is not set`);
    return value;
  });
  return resolve(base, expanded);
}
