import type { SettingValue } from './types.ts';

/** What a value may be. A `size` is in bytes; a `path` is made absolute when it is loaded; a `span` and a `retention` are texts as `retention.ts` reads them. */
export type Kind =
  | { readonly type: 'text' }
  | { readonly type: 'path' }
  | { readonly type: 'choice'; readonly of: readonly string[] }
  | { readonly type: 'integer'; readonly from: number; readonly to: number }
  | { readonly type: 'size'; readonly from: number; readonly to: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'span' }
  | { readonly type: 'retention' }
  | { readonly type: 'texts' }
  | { readonly type: 'paths' };

export interface Definition {
  /** Where it stands in the file: `save.threads`; the key of a store's setting begins with `stores.NAME.`. */
  readonly key: string;
  readonly kind: Kind;
  /** Undefined: it depends; `about` says on what. */
  readonly fallback: SettingValue;
  /** One line for the default file and for help. */
  readonly about: string;
  /** A value to show in the default file where the fallback is undefined or empty. */
  readonly example?: string;
  /** A second, shorter variable than the systematic one. */
  readonly variable?: string;
}

const MIB = 1024 * 1024;

/** Every setting outside `[stores.NAME]`. */
export const DEFINITIONS: readonly Definition[] = [
  {
    key: 'store',
    kind: { type: 'text' },
    fallback: '[default]',
    about: 'The store that commands use unless told otherwise: "[NAME]" of a clause below, or a path.',
  },
  {
    key: 'hash.algorithm',
    kind: { type: 'text' },
    fallback: 'blake3',
    about: 'The hash of new stores: blake3, sha2-256, sha2-512, sha3-256 or sha1. A store keeps the one it was made with.',
    variable: 'VARVE_HASH',
  },
  {
    key: 'save.excludes',
    kind: { type: 'texts' },
    fallback: [],
    about: 'What is never saved, as in .gitignore.',
    example: '["node_modules/", "*.tmp"]',
  },
  {
    key: 'save.exclude-from',
    kind: { type: 'paths' },
    fallback: [],
    about: 'Files with such patterns, one a line.',
    example: '["~/.varveignore"]',
  },
  { key: 'save.ignore-files', kind: { type: 'boolean' }, fallback: true, about: 'Follow the .varveignore files found on the way.' },
  { key: 'save.skip-caches', kind: { type: 'boolean' }, fallback: true, about: 'Leave out the content of folders tagged by CACHEDIR.TAG.' },
  { key: 'save.one-file-system', kind: { type: 'boolean' }, fallback: false, about: 'Do not enter other file systems mounted below.' },
  {
    key: 'save.threads',
    kind: { type: 'integer', from: 0, to: 256 },
    fallback: undefined,
    about: 'Worker threads; one for each core when not set, 0 for none.',
    example: '4',
  },
  {
    key: 'history.max-age',
    kind: { type: 'span' },
    fallback: undefined,
    about: 'Events of watched folders that are older are forgotten; sizes over time stay. Not set, none is.',
    example: '"5 years"',
  },
  {
    key: 'history.max-events',
    kind: { type: 'integer', from: 1, to: 1e12 },
    fallback: undefined,
    about: 'No more events than these are kept, the newest.',
    example: '10000000',
  },
  {
    key: 'history.retention',
    kind: { type: 'retention' },
    fallback: undefined,
    about: 'For how long the contents of past versions are kept, where no rule of an owner says it. Not set, for ever.',
    example: '["90 days", "20 versions"]',
  },
  {
    key: 'describe.endpoint',
    kind: { type: 'text' },
    fallback: undefined,
    about: 'A server with the API of OpenAI that describes files when asked to. Not set, nothing is sent to anybody.',
    example: '"http://localhost:11434/v1"',
  },
  { key: 'describe.model', kind: { type: 'text' }, fallback: undefined, about: 'The model to use there.', example: '"gemma3"' },
  {
    key: 'describe.key-file',
    kind: { type: 'path' },
    fallback: undefined,
    about: 'A file whose first line is the key for it; VARVE_DESCRIBE_KEY can hold the key itself.',
    example: '"~/.config/varve/describe.key"',
  },
  {
    key: 'describe.content',
    kind: { type: 'size', from: 0, to: 64 * 1024 },
    fallback: 0,
    about: 'How much of the beginning of a text file is sent; 0 for its path, size, type and owner alone.',
  },
  {
    key: 'describe.timeout-seconds',
    kind: { type: 'integer', from: 1, to: 3600 },
    fallback: 60,
    about: 'How long to wait for an answer.',
  },
  {
    key: 'notify.desktop',
    kind: { type: 'boolean' },
    fallback: false,
    about: "Show on the desktop what owners' rules say to tell of.",
  },
  {
    key: 'notify.desktop-user',
    kind: { type: 'text' },
    fallback: undefined,
    about: 'Whose desktop, where varve runs as root.',
    example: '"ann"',
  },
  {
    key: 'notify.desktop-bus',
    kind: { type: 'text' },
    fallback: undefined,
    about: 'Address of the bus of its session, where that is not the usual one.',
    example: '"unix:path=/run/user/1000/bus"',
  },
  {
    key: 'notify.webhook',
    kind: { type: 'text' },
    fallback: undefined,
    about: 'An address to send it to, as JSON by POST.',
    example: '"https://example.org/hook"',
  },
  {
    key: 'notify.command',
    kind: { type: 'texts' },
    fallback: [],
    about: 'A program and its arguments to run, with the same JSON on its standard input.',
    example: '["/usr/local/bin/tell", "me"]',
  },
];

/** The settings of each store; the key follows `stores.NAME.`. */
export const STORE_DEFINITIONS: readonly Definition[] = [
  {
    key: 'type',
    kind: { type: 'choice', of: ['datadir', 'memory'] },
    fallback: 'datadir',
    about: 'datadir (a folder) or memory (forgets at the end).',
  },
  { key: 'path', kind: { type: 'path' }, fallback: undefined, about: 'Its folder; ~ and $NAME expand.', example: '"/mnt/backup/varve"' },
  {
    key: 'hash',
    kind: { type: 'text' },
    fallback: undefined,
    about: 'The hash it is made with; that of [hash] when not set.',
    example: '"blake3"',
  },
  {
    key: 'chunk-min',
    kind: { type: 'size', from: 64, to: 8 * MIB },
    fallback: undefined,
    about: 'Bounds of its blocks: all three or none.',
    example: '"16 KiB"',
  },
  { key: 'chunk-target', kind: { type: 'size', from: 64, to: 8 * MIB }, fallback: undefined, about: '', example: '"64 KiB"' },
  { key: 'chunk-max', kind: { type: 'size', from: 64, to: 8 * MIB }, fallback: undefined, about: '', example: '"256 KiB"' },
  {
    key: 'compression',
    kind: { type: 'integer', from: 1, to: 19 },
    fallback: undefined,
    about: 'Level of zstd: higher is smaller and slower.',
    example: '3',
  },
];

/** A store's name, as `[stores.NAME]` and `[NAME]` can hold it without quotes. */
export const STORE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** The definition of a key; undefined when there is none. */
export function definitionOf(key: string): Definition | undefined {
  const [section, name, ...rest] = key.split('.');
  if (section !== 'stores') return DEFINITIONS.find((definition) => definition.key === key);
  if (name === undefined || !STORE_NAME.test(name)) return undefined;
  return STORE_DEFINITIONS.find((definition) => definition.key === rest.join('.'));
}

/** The variable that overrides a key: `VARVE_`, then the key with its dots and dashes as underscores. */
export function variableOf(key: string): string {
  return `VARVE_${key.replace(/[.-]/g, '_').toUpperCase()}`;
}
