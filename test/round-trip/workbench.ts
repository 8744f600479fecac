import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { digestFromText } from '../../src/hash/digest.ts';
import type { HashAlgorithm } from '../../src/hash/types.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { restore } from '../../src/tree/restore/restore.ts';
import { decodeRoot } from '../../src/tree/root-block.ts';
import { save } from '../../src/tree/save/save.ts';
import type { Entry, RestoreOptions, RestoreReport, SaveOptions, SaveReport } from '../../src/tree/types.ts';
import { emptyDirectory } from '../support/remove-tree.ts';

const CHUNKING = { minBytes: 8 << 10, targetBytes: 32 << 10, maxBytes: 128 << 10 };

/** A store on disk, a folder to be saved, and room for what is restored; all of it goes with the test. */
export class Workbench {
  readonly folder: string;
  /** An empty folder to begin with. */
  readonly source: string;
  readonly store: Datadir;
  readonly cacheFile: string;
  #targets = 0;

  constructor(context: TestContext, { hash = blake3 }: { readonly hash?: HashAlgorithm } = {}) {
    this.folder = fs.mkdtempSync(join(tmpdir(), 'varve-test-'));
    fs.chmodSync(this.folder, 0o755);
    this.source = join(this.folder, 'source');
    this.cacheFile = join(this.folder, 'cache');
    fs.mkdirSync(this.source);
    this.store = new Datadir(join(this.folder, 'store'), { create: { hash, chunking: CHUNKING } });
    context.after(async () => {
      await this.store.close();
      // Also trees deeper than PATH_MAX.
      emptyDirectory(this.folder);
      fs.rmdirSync(this.folder);
    });
  }

  /** A path for a new target. */
  target(): string {
    return join(this.folder, `target-${this.#targets++}`);
  }

  /** Saves `source`, in this thread unless told otherwise. With `cached`, what an earlier such save knows is made use of. */
  save(options: SaveOptions & { readonly cached?: boolean; readonly source?: string } = {}): Promise<SaveReport> {
    const { cached = false, source = this.source, ...rest } = options;
    return save({
      store: this.store,
      archive: 'test',
      source: nameFromText(source),
      ...(cached && { cacheFile: this.cacheFile }),
      options: { threads: 0, ...rest },
    });
  }

  /** The root entry of a saved tree. */
  async root(tree: string): Promise<Entry> {
    return decodeRoot(await this.store.get(digestFromText(tree)));
  }

  async restore(tree: string, target: string, options: RestoreOptions = {}): Promise<RestoreReport> {
    return restore({ store: this.store, root: await this.root(tree), target: nameFromText(target), options: { threads: 0, ...options } });
  }

  /** Saves the source and restores it to a new place. */
  async roundTrip(): Promise<{ readonly saved: SaveReport; readonly restored: RestoreReport; readonly target: string }> {
    const saved = await this.save();
    const target = this.target();
    return { saved, restored: await this.restore(saved.tree, target), target };
  }

  /** Makes files below the source: text is content; a name with a slash at its end is a folder. */
  fill(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.source, name);
      fs.mkdirSync(name.endsWith('/') ? path : join(path, '..'), { recursive: true });
      if (!name.endsWith('/')) fs.writeFileSync(path, content);
    }
  }
}

/** Errors as `path: code`. */
export function shownErrors(report: SaveReport | RestoreReport): string[] {
  return report.errors.map(({ path, code }) => `${path}: ${code}`);
}
