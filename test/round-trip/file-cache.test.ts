import assert from 'node:assert/strict';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import { Archive } from '../../src/tree/archive.ts';
import { Workbench } from './workbench.ts';

const runs = Number(process.env.VARVE_ROUND_TRIP_RUNS ?? 15);

/** Something that may happen to a tree between two saves; numbers choose what it happens to. */
type Operation = { readonly kind: keyof typeof OPERATIONS; readonly a: number; readonly b: number };

const NAMES = ['a', 'b', 'c', 'd'];

const OPERATIONS = {
  write: (paths: Paths, a: number, b: number) => fs.writeFileSync(paths.fresh(a), `content ${b}`),
  /** Size and modification time stay as they were; only the change time tells. */
  rewriteUnseen(paths: Paths, a: number, b: number) {
    const file = paths.file(a);
    if (file === undefined) return;
    const { atime, mtime, size } = fs.statSync(file);
    const fd = fs.openSync(file, 'r+');
    fs.writeSync(fd, Buffer.alloc(size, `${b}`));
    fs.closeSync(fd);
    fs.utimesSync(file, atime, mtime);
  },
  append: (paths: Paths, a: number, b: number) => withEach([paths.file(a)], (file) => fs.appendFileSync(file, `${b}`)),
  truncate: (paths: Paths, a: number) => withEach([paths.file(a)], (file) => fs.truncateSync(file, 3)),
  folder: (paths: Paths, a: number) => fs.mkdirSync(paths.fresh(a)),
  remove: (paths: Paths, a: number) => withEach([paths.any(a)], (path) => fs.rmSync(path, { recursive: true })),
  rename: (paths: Paths, a: number, b: number) =>
    withEach([paths.any(a)], (path) => fs.renameSync(path, join(dirname(path), `moved-${b}`))),
  swap(paths: Paths, a: number, b: number) {
    const [one, other] = [paths.file(a), paths.file(b)];
    if (one === undefined || other === undefined || one === other) return;
    fs.renameSync(one, `${one}~`);
    fs.renameSync(other, one);
    fs.renameSync(`${one}~`, other);
  },
  link: (paths: Paths, a: number, b: number) => withEach([paths.file(a)], (file) => fs.linkSync(file, paths.fresh(b))),
  /** Inodes that become free are soon used again. */
  symlinkAgain(paths: Paths, a: number, b: number) {
    const path = join(dirname(paths.fresh(a)), 'symlink');
    fs.rmSync(path, { force: true, recursive: true });
    fs.symlinkSync(`target-${b % 10}`, path);
  },
  mode: (paths: Paths, a: number, b: number) =>
    withEach([paths.any(a)], (path) => fs.lstatSync(path).isSymbolicLink() || fs.chmodSync(path, 0o600 + (b % 2) * 0o100)),
  folderMode: (paths: Paths, a: number, b: number) => withEach([paths.folder(a)], (path) => fs.chmodSync(path, 0o700 + (b % 8))),
  folderTime: (paths: Paths, a: number, b: number) => withEach([paths.folder(a)], (path) => fs.utimesSync(path, b, b)),
  attribute: (paths: Paths, a: number, b: number) => withEach([paths.file(a)], (path) => setAttribute(path, b)),
  folderAttribute: (paths: Paths, a: number, b: number) => withEach([paths.folder(a)], (path) => setAttribute(path, b)),
};

function setAttribute(path: string, value: number): void {
  using directory = system().openDirectory(nameFromText(dirname(path)));
  directory.setXattr(nameFromText(basename(path)), nameFromText('user.varve'), Buffer.from([value]));
}

function withEach(paths: readonly (string | undefined)[], action: (path: string) => void): void {
  for (const path of paths) if (path !== undefined) action(path);
}

/** Everything below a folder, to choose from. */
class Paths {
  readonly #folders: string[];
  readonly #files: string[] = [];
  readonly #all: string[] = [];

  constructor(root: string) {
    this.#folders = [root];
    for (const folder of this.#folders) {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        this.#all.push(path);
        if (entry.isDirectory()) this.#folders.push(path);
        if (entry.isFile()) this.#files.push(path);
      }
    }
  }

  file(choice: number): string | undefined {
    return this.#files[choice % this.#files.length];
  }

  folder(choice: number): string {
    return this.#folders[choice % this.#folders.length] as string;
  }

  any(choice: number): string | undefined {
    return this.#all[choice % this.#all.length];
  }

  /** A path where nothing is. */
  fresh(choice: number): string {
    const folder = this.folder(choice);
    for (let n = 0; ; n++) {
      const path = join(folder, `${NAMES[choice % NAMES.length]}${n === 0 ? '' : n}`);
      if (!fs.existsSync(path)) return path;
    }
  }
}

const anyOperation: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
  a: fc.nat(50),
  b: fc.nat(50),
});

/** Saves by the cache and without it, and holds the two against each other. */
async function saveBoth(bench: Workbench, source = bench.source): Promise<string> {
  const { tree } = await bench.save({ cached: true, source });
  assert.equal(tree, (await bench.save({ source })).tree, 'what the cache knows is what there is');
  return tree;
}

/** Waits until the clock of file times has gone on, so that what stands there now is trusted. */
function untilTrusted(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 120));
}

if (process.platform === 'linux') {
  test('whatever happens between saves, the cache never gives back what is no more', async (context) => {
    const bench = new Workbench(context);
    let sources = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyOperation, { maxLength: 6 }), { minLength: 2, maxLength: 5 }),
        fc.boolean(),
        async (rounds, waits) => {
          const source = join(bench.folder, `source-${sources++}`);
          fs.mkdirSync(source);
          for (const operations of rounds) {
            for (const { kind, a, b } of operations) OPERATIONS[kind](new Paths(source), a, b);
            if (waits) await untilTrusted();
            await saveBoth(bench, source);
          }
        },
      ),
      { numRuns: runs },
    );
  });

  const unseen: Record<string, (source: string) => void> = {
    'the mode of a folder': (source) => fs.chmodSync(join(source, 'folder'), 0o700),
    'the time of a folder': (source) => fs.utimesSync(join(source, 'folder'), 1, 1),
    'an attribute of a folder': (source) => setAttribute(join(source, 'folder'), 1),
    'the mode of the root': (source) => fs.chmodSync(source, 0o700),
    'the mode of a folder deep down': (source) => fs.chmodSync(join(source, 'folder/in/side'), 0o700),
    'content of the same size and time': (source) => OPERATIONS.rewriteUnseen(new Paths(source), 0, 7),
  };
  for (const [what, change] of Object.entries(unseen)) {
    test(`${what} is saved when nothing else changed`, async (context) => {
      const bench = await saved(context);
      const before = await saveBoth(bench);
      change(bench.source);
      assert.notEqual(await saveBoth(bench), before);
    });
  }

  async function saved(context: TestContext): Promise<Workbench> {
    const bench = new Workbench(context);
    bench.fill({ file: 'content', 'folder/file': 'content', 'folder/in/side/file': 'content', 'other/file': 'x'.repeat(10_000) });
    await untilTrusted();
    await bench.save({ cached: true });
    return bench;
  }

  test('a damaged, cut or foreign cache is ignored, and another takes its place', async (context) => {
    const bench = await saved(context);
    const { tree, files } = await bench.save({ cached: true });
    const sound = fs.readFileSync(bench.cacheFile);
    const flipped = (at: number) => Buffer.from(sound.map((byte, i) => (i === at ? byte ^ 0x55 : byte)));
    const lengths = [0, 1, 23, 24, 25, sound.length >> 1, sound.length - 1];
    const damaged = [
      ...lengths.map((length) => sound.subarray(0, length)),
      ...Array.from({ length: 40 }, (_, i) => flipped(Math.floor((i * (sound.length - 1)) / 39))),
      Buffer.concat([sound, Buffer.alloc(100)]),
      Buffer.alloc(10_000, 0xff),
    ];
    for (const bytes of damaged) {
      fs.writeFileSync(bench.cacheFile, bytes);
      assert.equal((await bench.save({ cached: true })).tree, tree);
      const again = await bench.save({ cached: true });
      assert.deepEqual([again.tree, again.files], [tree, files]);
    }
    fs.writeFileSync(bench.cacheFile, Buffer.alloc(100));
    assert.equal((await bench.save({ cached: true })).readFiles, files);
    assert.equal((await bench.save({ cached: true })).readFiles, 0);
  });

  test('the cache of a revision that was forgotten is not relied upon', async (context) => {
    const bench = await saved(context);
    const { tree, files } = await bench.save({ cached: true });
    await bench.store.archive('test').rewrite(() => []);
    assert.equal((await new Archive(bench.store.archive('test')).read()).revisions.length, 0);
    const again = await bench.save({ cached: true });
    assert.deepEqual([again.tree, again.readFiles], [tree, files]);
  });
}
