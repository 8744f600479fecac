/**
 * Settings (I11). Each has a key, `save.threads`, and one value, which comes from the first of these that has one: an option of the command line,
 * the environment (`VARVE_SAVE_THREADS`), `config.toml`, the default. `definitions.ts` lists them all; `load.ts` finds their values.
 */
export interface Settings {
  /** The store that commands use unless told otherwise: a store specification, or the name of a `[stores.NAME]` clause in brackets. */
  readonly store: string;
  readonly hash: {
    /** The algorithm of new stores, by a name that the registry of hashes knows. */
    readonly algorithm: string;
  };
  readonly save: SaveSettings;
  readonly history: HistorySettings;
  readonly describe: DescribeSettings;
  readonly notify: NotifySettings;
  /** The `[stores.NAME]` clauses by name; `default` is always there. */
  readonly stores: ReadonlyMap<string, StoreSettings>;
}

export interface SaveSettings {
  /** gitignore-style patterns. */
  readonly excludes: readonly string[];
  /** Absolute paths of files with such patterns. */
  readonly excludeFrom: readonly string[];
  readonly ignoreFiles: boolean;
  readonly skipCaches: boolean;
  readonly oneFileSystem: boolean;
  /** Undefined: one for each core. */
  readonly threads: number | undefined;
}

/** How long the past of watched folders is remembered. What is undefined has no bound. Spans are texts, so that threads can be told them. */
export interface HistorySettings {
  /** As `parseSpan` reads it. */
  readonly maxAge: string | undefined;
  readonly maxEvents: number | undefined;
  /** Of the contents of past versions, as `parseRetention` reads it. */
  readonly retention: readonly string[] | undefined;
}

/** Descriptions by a language model: off while `endpoint` is undefined. */
export interface DescribeSettings {
  readonly endpoint: string | undefined;
  readonly model: string | undefined;
  /** Absolute. */
  readonly keyFile: string | undefined;
  readonly contentBytes: number;
  readonly timeoutSeconds: number;
}

/** How somebody is told of flagged changes; nobody is unless one of them is set. */
export interface NotifySettings {
  readonly desktop: boolean;
  readonly desktopUser: string | undefined;
  readonly desktopBus: string | undefined;
  readonly webhook: string | undefined;
  /** Program and arguments; empty for none. */
  readonly command: readonly string[];
}

/** What was not set is undefined, and left to the store. */
export interface StoreSettings {
  readonly type: 'datadir' | 'memory';
  /** Absolute. */
  readonly path: string | undefined;
  /** The algorithm it is made with; a store that exists already knows its own. */
  readonly hash: string | undefined;
  /** Bounds of blocks, in bytes: 0 < min ≤ target ≤ max. Either all three are set or none. */
  readonly chunking: { readonly minBytes: number; readonly targetBytes: number; readonly maxBytes: number } | undefined;
  /** Level of zstd. */
  readonly compression: number | undefined;
}

export type SettingValue = string | number | boolean | readonly string[] | undefined;

/** Where a value came from. `where` names it for people: `/home/a/.config/varve/config.toml:12`, `VARVE_HASH`, `--threads`. */
export interface Origin {
  readonly kind: 'default' | 'file' | 'environment' | 'option';
  readonly where: string;
}

export interface Setting {
  readonly value: SettingValue;
  readonly origin: Origin;
}

export interface Config {
  readonly settings: Settings;
  /** Every setting by its key, in the order of `config show`. */
  readonly all: ReadonlyMap<string, Setting>;
  /** The path of `config.toml`, which need not exist. */
  readonly file: string;
}
