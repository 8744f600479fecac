import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { watchFolders } from '../../catalogue/watch-folders.ts';
import { commitFile, makeFolder } from '../../sys/durable.ts';
import { writeCatalogue } from '../change-catalogue.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { foldersToWatch, refuseNoFolder } from '../folders-to-watch.ts';
import { flag } from '../options.ts';
import { factLines } from '../output/table.ts';
import { systemctl, UNIT, unitProperties } from '../systemd/systemctl.ts';
import { unitText } from '../systemd/unit.ts';
import { unitEnvironment, unitFile } from '../systemd/unit-place.ts';
import { launcherPath } from '../version.ts';

const ACTIONS = ['install', 'uninstall', 'status'] as const;

/** What each action has to know. */
interface Service {
  readonly isSystem: boolean;
  readonly file: string;
  readonly dryRun: boolean;
}

export default defineCommand({
  description: [
    'install makes a service of systemd that runs varve start, has it started with the system, and starts it; uninstall ends and removes it; status shows it. Folders that are named are watched from then on, like those of varve start DIR, until varve roots --remove. Root has a system service, which may read every file and watch whole file systems; everybody else a user service, which runs while they are logged in.',
    'The service uses the folders of now: VARVE_HOME and the XDG variables are written into it. Install again after they have changed.',
  ],
  arguments: [
    { name: 'ACTION', about: 'install, uninstall or status; status when left out', optional: true, complete: ACTIONS },
    {
      name: 'DIR',
      about: 'With install: folders to watch, besides those that are watched already',
      optional: true,
      many: true,
      complete: 'folder',
    },
  ],
  options: {
    system: flag('--system', 'The service of the whole system; what root has anyway'),
    user: flag('--user', 'The service of this user, also for root'),
    dryRun: flag('-n, --dry-run', 'Print the unit, or say what would be removed, and change nothing'),
  },
  json: 'One object. install: unit (its file), text, installed; uninstall: unit, removed; status: unit, installed, enabled, active (in the words of systemd), pid (while it runs).',
  examples: [
    { command: 'varve service install ~/docs ~/photos', about: 'Watch these folders from now on, also after a restart' },
    { command: 'varve service install --dry-run', about: 'See the unit first' },
    { command: 'sudo varve service install --system /srv', about: 'Watch a folder of the system' },
  ],
  async run(context, [action = 'status', ...folders], { system, user, dryRun }) {
    if (system && user) throw new UsageError('a service is of the system or of a user, not both', 'See: varve service --help');
    if (action !== 'install' && folders.length > 0) throw new UsageError('folders are for install', 'See: varve service --help');
    const isSystem = !user && (system || process.getuid?.() === 0);
    const service: Service = { isSystem, file: unitFile(isSystem), dryRun };
    if (action === 'install') return install(context, service, folders);
    if (action === 'uninstall') return uninstall(context, service);
    if (action === 'status') return showStatus(context, service);
    throw new UsageError(`service cannot ${JSON.stringify(action)}`, `It can: ${ACTIONS.join(', ')}.`);
  },
});

async function install(context: Context, { isSystem, file, dryRun }: Service, given: readonly string[]): Promise<void> {
  const { output } = context;
  const folders = foldersToWatch(context, given);
  const text = unitText({ isSystem, launcher: launcherPath(), environment: unitEnvironment(isSystem) });
  if (dryRun) return output.result({ unit: file, text, installed: false }, () => text.trimEnd().split('\n'));
  refuseNoFolder(context, given, 'service install');
  makeFolder(dirname(file), 0o755);
  commitFile(file, text, 0o644);
  systemctl(isSystem, 'daemon-reload');
  systemctl(isSystem, 'enable', UNIT);
  try {
    if (folders.length > 0) {
      // Only one process writes the catalogue.
      systemctl(isSystem, 'stop', UNIT);
      await writeCatalogue(context.folders, (database) => watchFolders(database, folders));
    }
  } finally {
    // One that runs already is to run by the new unit.
    systemctl(isSystem, 'restart', UNIT);
  }
  output.result({ unit: file, text, installed: true }, () => [`Installed ${file}, and started it.`]);
  output.note('See what it does with: varve status');
  if (!isSystem) output.note('It runs while you are logged in. To have it run always: loginctl enable-linger');
}

function uninstall({ output }: Context, { isSystem, file, dryRun }: Service): void {
  const isThere = existsSync(file);
  const removed = isThere && !dryRun;
  if (removed) {
    systemctl(isSystem, 'disable', '--now', UNIT);
    rmSync(file);
    systemctl(isSystem, 'daemon-reload');
  }
  output.result({ unit: file, removed }, () => [isThere ? `${dryRun ? 'Would remove' : 'Removed'} ${file}.` : `There is no ${file}.`]);
}

function showStatus({ output }: Context, { isSystem, file }: Service): void {
  const installed = existsSync(file);
  const properties = unitProperties(isSystem, ['UnitFileState', 'ActiveState', 'MainPID']);
  const enabled = properties.get('UnitFileState') === 'enabled';
  const active = properties.get('ActiveState') ?? 'unknown';
  const pid = Number(properties.get('MainPID') ?? 0);
  output.result({ unit: file, installed, enabled, active, ...(pid > 0 && { pid }) }, () =>
    factLines([
      ['Unit', installed ? file : `none; varve service install makes ${file}`],
      ['Started with the system', enabled ? 'yes' : 'no'],
      ['State', pid > 0 ? `${active}, pid ${pid}` : active],
    ]),
  );
}
