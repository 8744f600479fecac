import { spawnSync } from 'node:child_process';
import { DEFINITIONS, definitionOf } from '../../base/config/definitions.ts';
import { editConfigFile, makeConfigFile } from '../../base/config/edit-file.ts';
import { ConfigError } from '../../base/config/errors.ts';
import { loadConfig } from '../../base/config/load.ts';
import type { Setting } from '../../base/config/types.ts';
import { UsageError, VarveError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { tableLines } from '../output/table.ts';

const ACTIONS: Readonly<
  Record<string, { readonly args: number; readonly run: (context: Context, key: string, value: string) => Promise<void> | void }>
> = {
  show: { args: 0, run: show },
  get: { args: 1, run: get },
  set: { args: 2, run: set },
  unset: { args: 1, run: unset },
  edit: { args: 0, run: edit },
};

export default defineCommand({
  description: [
    'show lists every setting with its value and where that came from; get prints one value; set writes one into config.toml, unset takes it out again; edit opens config.toml in $VISUAL or $EDITOR.',
    'A setting comes from the first of these that has it: --set, the environment (VARVE_SAVE_THREADS for save.threads), config.toml, the default.',
  ],
  arguments: [
    { name: 'ACTION', about: 'show, get, set, unset or edit; show when left out', optional: true, complete: Object.keys(ACTIONS) },
    { name: 'KEY', about: 'A setting, as save.threads or stores.usb.path', optional: true },
    { name: 'VALUE', about: 'Its value; lists are separated by commas', optional: true, mayBeEmpty: true },
  ],
  options: {},
  json: 'show: one object a line with key, value, origin (default, file, environment, option) and where; get: such an object.',
  examples: [
    { command: 'varve config show', about: 'What holds, and why?' },
    { command: 'varve config set stores.usb.path /mnt/usb/varve', about: 'Give a store on another disk a name: --store usb' },
  ],
  async run(context, [action = 'show', ...args]) {
    const chosen = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (!chosen) throw new UsageError(`config cannot ${JSON.stringify(action)}`, `It can: ${Object.keys(ACTIONS).join(', ')}.`);
    if (args.length !== chosen.args)
      throw new UsageError(
        `config ${action} takes ${['nothing more', 'a key', 'a key and a value'][chosen.args]}`,
        'See: varve config --help',
      );
    await chosen.run(context, args[0] ?? '', args[1] ?? '');
  },
});

async function show(context: Context): Promise<void> {
  const { output } = context;
  const { all, file } = await context.config();
  if (output.json) {
    for (const [key, setting] of all) output.line(JSON.stringify(settingJson(key, setting)));
    return;
  }
  const rows = [...all].map(([key, { value, origin }]) => [
    key,
    valueText(value),
    origin.kind === 'file' ? origin.where.slice(origin.where.lastIndexOf('/') + 1) : origin.where,
  ]);
  for (const line of tableLines([{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'FROM' }], rows)) output.line(line);
  output.note(`\nThe configuration file is ${file}`);
}

async function get(context: Context, key: string): Promise<void> {
  const { all } = await context.config();
  const setting = all.get(key);
  if (!setting) throw unknownKey(key, all.keys());
  context.output.result(settingJson(key, setting), () => [valueText(setting.value)]);
}

async function set(context: Context, key: string, value: string): Promise<void> {
  checkKey(key);
  editConfigFile(context.folders.configFile, key, value);
  context.output.note(`Set ${key} in ${context.folders.configFile}.`);
  await tellFaults(context);
}

async function unset(context: Context, key: string): Promise<void> {
  checkKey(key);
  editConfigFile(context.folders.configFile, key, undefined);
  context.output.note(`Took ${key} out of ${context.folders.configFile}.`);
  await tellFaults(context);
}

/** One step may need another before the whole makes sense again, as the three bounds of blocks do: so it is made, and said. */
async function tellFaults({ output }: Context): Promise<void> {
  try {
    await loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    output.note(`As it is now, the configuration cannot be used: ${error.message}`);
  }
}

/** The file may have faults: it is not loaded before, and checked after. */
async function edit({ folders: { configFile } }: Context): Promise<void> {
  makeConfigFile(configFile);
  const editor = process.env.VISUAL || process.env.EDITOR || (process.platform === 'win32' ? 'notepad' : 'vi');
  // Through a shell, since the variable may hold options.
  const { status, error } = spawnSync(`${editor} "$VARVE_CONFIG_FILE"`, {
    shell: true,
    stdio: 'inherit',
    env: { ...process.env, VARVE_CONFIG_FILE: configFile },
  });
  if (error || status !== 0)
    throw new VarveError('EDITOR_FAILED', `${editor} failed on ${configFile}`, { advice: 'Set EDITOR to an editor of yours.' });
  await loadConfig();
}

function checkKey(key: string): void {
  if (definitionOf(key) === undefined)
    throw unknownKey(
      key,
      DEFINITIONS.map((definition) => definition.key),
    );
}

function unknownKey(key: string, known: Iterable<string>): UsageError {
  const near = nearestNames(key, known);
  return new UsageError(
    `there is no setting ${key}`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'All settings: varve config show',
  );
}

function settingJson(key: string, { value, origin }: Setting): Record<string, unknown> {
  return { key, value: value ?? null, origin: origin.kind, where: origin.where };
}

function valueText(value: Setting['value']): string {
  return value === undefined ? '-' : Array.isArray(value) ? value.join(', ') || '-' : String(value);
}
