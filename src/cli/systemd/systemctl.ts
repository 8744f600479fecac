import { spawnSync } from 'node:child_process';
import { hasErrno, VarveError } from '../../base/errors.ts';

export const UNIT = 'varve.service';

/** Runs systemctl, of the system or of this user, and returns what it printed. Throws VarveError. */
export function systemctl(isSystem: boolean, ...args: readonly string[]): string {
  const all = [...(isSystem ? [] : ['--user']), ...args];
  const { status, stdout, stderr, error } = spawnSync('systemctl', all, { encoding: 'utf8' });
  if (hasErrno(error, 'ENOENT')) {
    throw new VarveError('NO_SYSTEMD', 'there is no systemctl here: services need systemd', {
      advice: 'Start the daemon by other means: varve start',
    });
  }
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  throw new VarveError('SYSTEMCTL', `systemctl ${all.join(' ')} failed: ${stderr.trim().replaceAll('\n', '; ') || `status ${status}`}`, {
    advice: isSystem ? 'See: journalctl --unit varve' : 'See: journalctl --user --unit varve',
  });
}

/** Properties of the daemon's unit, by their names in systemd. */
export function unitProperties(isSystem: boolean, names: readonly string[]): ReadonlyMap<string, string> {
  const text = systemctl(isSystem, 'show', UNIT, `--property=${names.join(',')}`);
  return new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
