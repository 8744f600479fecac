import { dirname, join } from 'node:path';
import { DEFINITIONS, type Definition, definitionOf, STORE_DEFINITIONS, variableOf } from './definitions.ts';
import { ConfigError } from './errors.ts';
import { type Folders, foldersOf } from './folders.ts';
import { expandPath } from './paths.ts';
import { type FileValue, readConfigFile } from './read-file.ts';
import type { Config, Origin, Setting, Settings, SettingValue, StoreSettings } from './types.ts';
import { fromText, fromToml, type Place } from './values.ts';

/** What an option of the command line sets. */
export interface Override {
  readonly key: string;
  /** As in the environment: lists are separated by commas. */
  readonly text: string;
  /** The option as the user wrote it, `--set save.threads`. */
  readonly option: string;
}

/**
 * Loads every setting from options, the environment, `config.toml` and the defaults, in this order of precedence. Reads the file, writes nothing.
 * Throws ConfigError with the place and the reason for the first value that cannot be meant.
 */
export async function loadConfig(overrides: readonly Override[] = [], env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const folders = foldersOf(env);
  const content = await readConfigFile(folders.configFile);
  const stores = [...new Set(['default', ...content.stores, ...overrides.flatMap(({ key }) => storeNameOf(key) ?? [])])];
  const source = { folders, env, overrides: byKey(overrides), values: new Map(content.values.map((value) => [value.key, value])) };
  const all = new Map<string, Setting>();
  for (const definition of DEFINITIONS) all.set(definition.key, settingOf(definition.key, definition, source));
  for (const store of stores) {
    for (const definition of STORE_DEFINITIONS)
      all.set(`stores.${store}.${definition.key}`, settingOf(`stores.${store}.${definition.key}`, definition, source));
  }
  return { settings: settingsOf(all, stores, folders), all, file: folders.configFile };
}

interface Source {
  readonly folders: Folders;
  readonly env: NodeJS.ProcessEnv;
  readonly overrides: ReadonlyMap<string, Override>;
  readonly values: ReadonlyMap<string, FileValue>;
}

function settingOf(key: string, definition: Definition, { folders, env, overrides, values }: Source): Setting {
  const override = overrides.get(key);
  if (override) {
    const place = placeAt(process.cwd(), env);
    return convert({ kind: 'option', where: override.option }, () => fromText(definition.kind, override.text, place));
  }
  for (const variable of [variableOf(key), definition.variable]) {
    const text = variable === undefined ? undefined : env[variable];
    if (variable === undefined || !text) continue;
    return convert({ kind: 'environment', where: variable }, () => fromText(definition.kind, text, placeAt(process.cwd(), env)));
  }
  const inFile = values.get(key);
  if (inFile) {
    const place = placeAt(dirname(folders.configFile), env);
    return convert({ kind: 'file', where: inFile.where }, () => fromToml(definition.kind, inFile.value, place), key);
  }
  return { value: defaultOf(key, definition, folders), origin: { kind: 'default', where: 'default' } };
}

function convert(origin: Origin, value: () => SettingValue, key?: string): Setting {
  try {
    return { value: value(), origin };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(origin.where, key === undefined ? error.message : `${key} ${error.message}`);
  }
}

function placeAt(base: string, env: NodeJS.ProcessEnv): Place {
  return { expand: (path) => expandPath(path, base, env) };
}

function defaultOf(key: string, definition: Definition, folders: Folders): SettingValue {
  return key === 'stores.default.path' ? join(folders.dataDir, 'store') : definition.fallback;
}

function byKey(overrides: readonly Override[]): Map<string, Override> {
  for (const { key, option } of overrides) {
    if (!definitionOf(key)) throw new ConfigError(option, `there is no setting ${key}`, 'Run: varve config show');
  }
  return new Map(overrides.map((override) => [override.key, override]));
}

function storeNameOf(key: string): string | undefined {
  const [section, name] = key.split('.');
  return section === 'stores' ? name : undefined;
}

function settingsOf(all: ReadonlyMap<string, Setting>, stores: readonly string[], folders: Folders): Settings {
  const value = <Value extends SettingValue>(key: string) => all.get(key)?.value as Value;
  return {
    store: value('store'),
    hash: { algorithm: value('hash.algorithm') },
    save: {
      excludes: value('save.excludes'),
      excludeFrom: value('save.exclude-from'),
      ignoreFiles: value('save.ignore-files'),
      skipCaches: value('save.skip-caches'),
      oneFileSystem: value('save.one-file-system'),
      threads: value('save.threads'),
    },
    history: { maxAge: value('history.max-age'), maxEvents: value('history.max-events'), retention: value('history.retention') },
    describe: {
      endpoint: value('describe.endpoint'),
      model: value('describe.model'),
      keyFile: value('describe.key-file'),
      contentBytes: value('describe.content'),
      timeoutSeconds: value('describe.timeout-seconds'),
    },
    notify: {
      desktop: value('notify.desktop'),
      desktopUser: value('notify.desktop-user'),
      desktopBus: value('notify.desktop-bus'),
      webhook: value('notify.webhook'),
      command: value('notify.command'),
    },
    stores: new Map(stores.map((name) => [name, storeOf(`stores.${name}`, all, folders)])),
  };
}

function storeOf(prefix: string, all: ReadonlyMap<string, Setting>, folders: Folders): StoreSettings {
  const value = <Value extends SettingValue>(key: string) => all.get(`${prefix}.${key}`)?.value as Value;
  const where = () => originOf(prefix, all) ?? folders.configFile;
  const type = value<StoreSettings['type']>('type');
  const path = value<string | undefined>('path');
  if (type === 'datadir' && path === undefined) throw new ConfigError(where(), `${prefix}.path is missing: a datadir needs a folder`);
  const bounds = [
    value<number | undefined>('chunk-min'),
    value<number | undefined>('chunk-target'),
    value<number | undefined>('chunk-max'),
  ] as const;
  return { type, path, hash: value('hash'), chunking: chunkingOf(bounds, prefix, where), compression: value('compression') };
}

function chunkingOf(
  [minBytes, targetBytes, maxBytes]: readonly [number | undefined, number | undefined, number | undefined],
  prefix: string,
  where: () => string,
): StoreSettings['chunking'] {
  if (minBytes === undefined && targetBytes === undefined && maxBytes === undefined) return undefined;
  if (minBytes === undefined || targetBytes === undefined || maxBytes === undefined) {
    throw new ConfigError(where(), `${prefix} sets only some of chunk-min, chunk-target and chunk-max: set all three or none`);
  }
  if (minBytes > targetBytes || targetBytes > maxBytes)
    throw new ConfigError(where(), `${prefix} must have chunk-min ≤ chunk-target ≤ chunk-max`);
  return { minBytes, targetBytes, maxBytes };
}

/** Where a clause says anything at all, for faults of the clause as a whole. */
function originOf(prefix: string, all: ReadonlyMap<string, Setting>): string | undefined {
  for (const [key, { origin }] of all) if (key.startsWith(`${prefix}.`) && origin.kind !== 'default') return origin.where;
  return undefined;
}
