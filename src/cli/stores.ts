import fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { makeConfigFile } from '../base/config/edit-file.ts';
import { expandPath } from '../base/config/paths.ts';
import type { Config, StoreSettings } from '../base/config/types.ts';
import { hasErrno, UsageError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest.ts';
import { DEFAULT_BOUNDS } from '../chunk/default-bounds.ts';
import type { Bounds } from '../chunk/types.ts';
import { hashByName } from '../hash/registry.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import { readHeader } from '../store/datadir/header.ts';
import { Layout } from '../store/datadir/layout.ts';
import type { Store } from '../store/types.ts';
import { type DatadirSpecification, parseStoreSpecification } from './store-specification.ts';

/** Where a store is, and how it is to be made. */
export interface StorePlace {
  /** The clause it comes from. */
  readonly clause?: string;
  readonly settings: StoreSettings;
}

/** Opens stores by their specifications, each folder once however it is named, and closes them all at the end. */
export class Stores {
  readonly #config: Config;
  readonly #open = new Map<string, Store>();

  constructor(config: Config) {
    this.#config = config;
  }

  /** The store of that specification, else of the setting `store`. It is made only if it is the default one; nothing is touched before the first use. */
  async open(specification?: string): Promise<Store> {
    const place = this.place(specification);
    const { settings } = place;
    const key = settings.path === undefined ? `memory of ${place.clause}` : realPath(settings.path);
    const open = this.#open.get(key) ?? (await this.#openPlace(place));
    this.#open.set(key, open);
    return open;
  }

  /** What a specification means, without opening it. Throws UsageError. */
  place(specification: string = this.#config.settings.store): StorePlace {
    const parsed = parseStoreSpecification(specification);
    if (parsed.kind === 'datadir') return { settings: this.#settingsOf(parsed) };
    const { stores } = this.#config.settings;
    const settings = stores.get(parsed.name);
    if (settings) return { clause: parsed.name, settings };
    const near = nearestNames(parsed.name, stores.keys());
    throw new UsageError(
      `there is no clause [stores.${parsed.name}] in ${this.#config.file}`,
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `There are: ${[...stores.keys()].join(', ')}. A path is written ./${parsed.name}`,
    );
  }

  /** Makes a store, with a hash other than the configuration's when one is named; a store that is there already is left as it is. */
  async create(specification?: string, hash?: string): Promise<{ readonly store: Datadir; readonly made: boolean }> {
    const place = this.place(specification);
    const settings = hash === undefined ? place.settings : { ...place.settings, hash };
    if (settings.path === undefined) throw new UsageError('a memory store need not be made');
    const made = readHeader(new Layout(settings.path)) === undefined;
    const store = datadirOf(settings.path, settings, this.#createOptions(settings));
    void store.header;
    this.#open.set(realPath(settings.path), store);
    return { store, made };
  }

  async close(): Promise<void> {
    const stores = [...this.#open.values()];
    this.#open.clear();
    for (const store of stores) await store.close();
  }

  async #openPlace({ clause, settings }: StorePlace): Promise<Store> {
    if (settings.type === 'memory') {
      const { MemoryStore } = await import('../store/memory.ts');
      return new MemoryStore(this.#createOptions(settings));
    }
    const path = settings.path as string;
    if (clause !== 'default') return datadirOf(path, settings);
    if (readHeader(new Layout(path)) === undefined) makeConfigFile(this.#config.file);
    return datadirOf(path, settings, this.#createOptions(settings));
  }

  #createOptions({ hash, chunking }: StoreSettings) {
    return { hash: hashByName(hash ?? this.#config.settings.hash.algorithm), chunking: chunking ?? DEFAULT_BOUNDS };
  }

  #settingsOf({ path, hash, compression, minBytes, targetBytes, maxBytes }: DatadirSpecification): StoreSettings {
    let chunking: Bounds | undefined;
    if (minBytes !== undefined || targetBytes !== undefined || maxBytes !== undefined) {
      if (minBytes === undefined || targetBytes === undefined || maxBytes === undefined)
        throw new UsageError(`datadir(path=${path}) sets only some of chunk-min, chunk-target and chunk-max: set all three or none`);
      chunking = { minBytes, targetBytes, maxBytes };
    }
    return { type: 'datadir', path: expand(path), hash, chunking, compression };
  }
}

/** Where a folder really is: links are followed as far as it exists. */
function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') || dirname(path) === path) return path;
    return join(realPath(dirname(path)), basename(path));
  }
}

function expand(path: string): string {
  try {
    return expandPath(path, resolve('.'), process.env);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}

function datadirOf(
  path: string,
  { compression }: StoreSettings,
  create?: { readonly hash: ReturnType<typeof hashByName>; readonly chunking: Bounds },
): Datadir {
  return new Datadir(path, { ...(create && { create }), ...(compression !== undefined && { level: compression }), ...segmentLimit() });
}

/** No setting, since nothing is gained by another limit: tests of whole processes have segments closed that are small. */
function segmentLimit(): { readonly segmentBytes?: number } {
  const bytes = Number(process.env.VARVE_TEST_SEGMENT_BYTES);
  return bytes > 0 ? { segmentBytes: bytes } : {};
}
