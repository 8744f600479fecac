import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ByteName, nameFromText } from '../../src/base/names.ts';
import { lastSaveFile } from '../../src/catalogue/save/last-save.ts';
import { saveWatched, type WatchedSaveReport } from '../../src/catalogue/save/save-watched.ts';
import { DEFAULT_BOUNDS } from '../../src/chunk/default-bounds.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { RACY_MS } from '../../src/tree/save/racy.ts';
import { save as saveEverything } from '../../src/tree/save/save.ts';
import type { SaveOptions } from '../../src/tree/types.ts';
import { type LiveCatalogue, type LiveCatalogueOptions, liveCatalogue } from './live-catalogue.ts';
import { until } from './until.ts';

/** A save, and why everything was looked at, or at how many paths. */
export type TriedSave = WatchedSaveReport & { readonly doubt?: string; readonly paths?: number };

/** A catalogue at work, and a store beside it that its root is saved into. */
export interface SavingCatalogue {
  readonly catalogue: LiveCatalogue;
  readonly store: Datadir;
  /** What is known of the last save of the root. */
  readonly lastSave: string;
  /** Makes files below the root, and waits until a change of them would show. */
  fill(files: Readonly<Record<string, string>>): Promise<void>;
  /** Saves the root, or a folder in it, as `varve save` does where a daemon runs. */
  save(options?: SaveOptions, folder?: string): Promise<TriedSave>;
  /** The digest of the tree of the root, or a folder in it, when everything is read. */
  fullTree(options?: SaveOptions, folder?: string): Promise<string>;
}

/** Resolves when the catalogue has been compared with the disk. */
export async function savingCatalogue(context: TestContext, options: LiveCatalogueOptions = {}): Promise<SavingCatalogue> {
  const catalogue = await liveCatalogue(context, options);
  await catalogue.service.sync();
  const home = join(catalogue.root, '..');
  const store = new Datadir(join(home, 'store'), { create: { hash: blake3, chunking: DEFAULT_BOUNDS } });
  context.after(() => store.close());
  const source = (folder = '') => nameFromText(join(catalogue.root, folder)) as ByteName;
  const cacheOf = (folder = '') => join(home, `cache-${folder.replaceAll('/', '-')}`);
  return {
    catalogue,
    store,
    lastSave: lastSaveFile(cacheOf()),
    async fill(files) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(catalogue.root, name)), { recursive: true });
        writeFileSync(join(catalogue.root, name), content);
      }
      const since = Date.now();
      await until(() => Date.now() > since + RACY_MS);
    },
    async save(saveOptions = {}, folder) {
      let way: { readonly doubt?: string; readonly paths?: number } = {};
      const report = await saveWatched({
        ...{ store, archive: 'watched', source: source(folder), cacheFile: cacheOf(folder), catalogue: catalogue.database },
        options: { threads: 0, ...saveOptions },
        observe: () => catalogue.service.sync(),
        onWay: (taken) => {
          way = taken;
        },
      });
      return { ...report, ...way };
    },
    async fullTree(saveOptions = {}, folder) {
      const { tree } = await saveEverything({ store, archive: 'full', source: source(folder), options: { threads: 0, ...saveOptions } });
      return tree;
    },
  };
}
