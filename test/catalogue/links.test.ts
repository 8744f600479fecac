import * as fs from 'node:fs';
import { join } from 'node:path';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { campaignRandom, type Random, sizeFromEnv } from '../support/random.ts';

const ROUNDS = sizeFromEnv('VARVE_LINK_ROUNDS', 60);
/** Between two comparisons, at most. */
const AT_ONCE = 30;
const DIRECTORIES = ['a', 'b', 'c', 'c/d'];
const NAMES = ['1', '2', '3', '4', '5'];

/** Links, and files that have some, in a few folders that have few names: so links meet, replace and outlive each other. */
class LinkedFiles {
  readonly #root: string;
  readonly #random: Random;
  /** Links that were made since the last `tellAll`, by path. */
  readonly #made = new Map<string, bigint>();
  /** Inodes of which such a link is gone again: nothing tells of what became of a file through it. */
  readonly #untold = new Set<bigint>();

  constructor(root: string, random: Random) {
    this.#root = root;
    this.#random = random;
    for (const directory of DIRECTORIES) fs.mkdirSync(join(root, directory), { recursive: true });
  }

  operate(): void {
    const operation = this.#random.pick(OPERATIONS);
    try {
      this[operation](this.#path(), this.#path());
    } catch (error) {
      // What cannot be done (a name that is taken, or not there) is not done.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  /** Has the kernel tell of each file of which it has not, by one of its links. Returns of how many that is so. */
  tellAll(): number {
    const told = new Set<bigint>();
    for (const path of this.#paths()) {
      const inode = inodeAt(path);
      if (inode === undefined || !this.#untold.has(inode) || told.has(inode)) continue;
      fs.chmodSync(path, 0o600 | this.#random.below(0o77));
      told.add(inode);
    }
    this.#untold.clear();
    this.#made.clear();
    return told.size;
  }

  get untold(): ReadonlySet<bigint> {
    return this.#untold;
  }

  link(from: string, to: string): void {
    fs.linkSync(from, to);
    this.#made.set(to, inodeAt(to) as bigint);
  }
  unlink(path: string): void {
    fs.unlinkSync(path);
    this.#gone(path);
  }
  rename(from: string, to: string): void {
    const moved = inodeAt(from);
    const replaced = inodeAt(to);
    fs.renameSync(from, to);
    // Two links of one file are left as they are.
    if (moved === replaced) return;
    this.#gone(to);
    const made = this.#made.get(from);
    this.#made.delete(from);
    if (made !== undefined) this.#made.set(to, made);
  }
  write(path: string): void {
    fs.writeFileSync(path, 'x'.repeat(this.#random.below(5000)));
  }
  append(path: string): void {
    fs.appendFileSync(path, 'more');
  }
  changeMode(path: string): void {
    fs.chmodSync(path, this.#random.pick([0o600, 0o644, 0o755]));
  }
  moveDirectory(): void {
    const [from, to] = ['a', 'b', 'c/d'].map((name) => join(this.#root, name)) as [string, string];
    const between = join(this.#root, 'between');
    fs.renameSync(from, between);
    fs.renameSync(to, from);
    fs.renameSync(between, to);
    for (const [path, inode] of [...this.#made]) if (path.startsWith(`${from}/`) || path.startsWith(`${to}/`)) this.#untold.add(inode);
  }

  #gone(path: string): void {
    const inode = this.#made.get(path);
    if (inode !== undefined) this.#untold.add(inode);
    this.#made.delete(path);
  }

  #path(): string {
    return this.#random.pick(this.#paths());
  }

  #paths(): string[] {
    return DIRECTORIES.flatMap((directory) => NAMES.map((name) => join(this.#root, directory, name)));
  }
}

const OPERATIONS = [
  ...['link', 'link', 'link', 'link', 'link', 'unlink', 'unlink', 'unlink', 'rename', 'rename', 'rename'],
  ...['write', 'write', 'append', 'append', 'changeMode', 'moveDirectory'],
] as ('link' | 'unlink' | 'rename' | 'write' | 'append' | 'changeMode' | 'moveDirectory')[];

function inodeAt(path: string): bigint | undefined {
  return fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

withEachWatcher('links that come and go among folders leave the catalogue as the disk is', async (context, watcher) => {
  const random = campaignRandom(context);
  const catalogue = await liveCatalogue(context, { watcher });
  const files = new LinkedFiles(catalogue.root, random);
  await catalogue.service.sync();
  let told = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let count = random.below(AT_ONCE); count >= 0; count--) files.operate();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue, files.untold);
    told += files.tellAll();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
  }
  context.diagnostic(`${told} files were not told of`);
});
