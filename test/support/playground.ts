import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import type { LiveCatalogue } from './live-catalogue.ts';
import type { Random } from './random.ts';

/** Does random things to the files of a root, and to a folder beside it that nobody watches. */
export class Playground {
  /** Inodes that have been outside since this was emptied, and the directories above them. */
  readonly left = new Set<bigint>();
  /** Inodes that have or had more than one link. */
  readonly linked = new Set<bigint>();
  readonly #top: string;
  readonly #outside: string;
  readonly #random: Random;
  #serial = 0;

  constructor({ root, outside }: Pick<LiveCatalogue, 'root' | 'outside'>, random: Random) {
    this.#top = root;
    this.#outside = outside;
    this.#random = random;
  }

  operate(): void {
    const operation = this.#random.pick(OPERATIONS_BY_WEIGHT);
    try {
      this[operation]();
    } catch (error) {
      // What cannot be done (a name that is taken, a directory into itself) is not done.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  create(): void {
    fs.writeFileSync(this.#newPath(), 'x'.repeat(this.#random.below(5000)));
  }
  makeDirectory(): void {
    const path = this.#newPath();
    fs.mkdirSync(path);
    if (this.#random.chance(0.5)) fs.writeFileSync(join(path, 'first'), '1');
  }
  makeDeep(): void {
    const path = join(this.#newPath(), 'a', 'b');
    fs.mkdirSync(path, { recursive: true });
    for (let i = 0; i < 4; i++) fs.writeFileSync(join(path, `file ${i}`), String(i));
  }
  write(): void {
    fs.writeFileSync(this.#file(), 'y'.repeat(this.#random.below(5000)));
  }
  append(): void {
    fs.appendFileSync(this.#file(), 'more');
  }
  truncate(): void {
    fs.truncateSync(this.#file(), this.#random.below(100));
  }
  link(): void {
    const file = this.#file();
    fs.linkSync(file, this.#newPath());
    this.linked.add(fs.lstatSync(file, { bigint: true }).ino);
  }
  symlink(): void {
    fs.symlinkSync(this.#random.pick(['nowhere', '.', 'n1']), this.#newPath());
  }
  changeMode(): void {
    fs.chmodSync(this.#any(), this.#random.pick([0o700, 0o755, 0o777]));
  }
  changeOwner(): void {
    if (process.getuid?.() === 0) fs.lchownSync(this.#any(), this.#random.below(3), this.#random.below(3));
  }
  touch(): void {
    fs.utimesSync(this.#any(), this.#random.below(2 ** 30), this.#random.below(2 ** 30));
  }
  setAttribute(): void {
    const path = this.#any();
    using directory = system().openDirectory(nameFromText(dirname(path)));
    directory.setXattr(nameFromText(basename(path)), nameFromText('user.varve'), Buffer.from([this.#random.below(256)]));
  }
  /** As editors and locks do: it is gone before anybody looks. */
  comeAndGo(): void {
    const path = join(this.#directory(), 'lock');
    fs.writeFileSync(path, '');
    fs.rmSync(path);
  }
  /** Says what of a directory is not to be saved. */
  setRules(): void {
    fs.writeFileSync(join(this.#directory(), '.varveignore'), this.#random.pick(['n1*\n', 'xx*\n', '']));
  }
  rename(): void {
    this.#renameOver(this.#any(), this.#newPath());
  }
  replace(): void {
    this.#renameOver(this.#file(), this.#file());
  }
  exchange(): void {
    const [a, b] = [this.#any(), this.#any()];
    using from = system().openDirectory(nameFromText(dirname(a)));
    using to = system().openDirectory(nameFromText(dirname(b)));
    from.rename(nameFromText(basename(a)), to, nameFromText(basename(b)), 'exchange');
  }
  remove(): void {
    const path = this.#any();
    this.#noteLeaving(path);
    fs.rmSync(path, { recursive: true });
  }
  moveOut(): void {
    const path = this.#any();
    this.#noteLeaving(path);
    fs.renameSync(path, join(this.#outside, `${this.#serial++}`));
  }
  moveIn(): void {
    const [name] = fs.readdirSync(this.#outside);
    if (name !== undefined) this.#renameOver(join(this.#outside, name), this.#newPath());
  }

  /** What is replaced has left, also if another link of it stays. */
  #renameOver(from: string, to: string): void {
    if (fs.existsSync(to)) this.#noteLeaving(to);
    fs.renameSync(from, to);
  }

  #noteLeaving(path: string): void {
    const stat = fs.lstatSync(path, { bigint: true });
    this.left.add(stat.ino);
    if (stat.isDirectory()) for (const name of fs.readdirSync(path)) this.#noteLeaving(join(path, name));
  }

  #newPath(): string {
    return join(this.#directory(), `${this.#random.pick(['n', 'ä', 'line\nbreak', 'x'.repeat(20)])}${this.#random.below(12)}`);
  }
  #directory(): string {
    let path = this.#top;
    for (;;) {
      const below = fs.readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      if (below.length === 0 || this.#random.chance(0.35)) return path;
      path = join(path, this.#random.pick(below).name);
    }
  }
  #any(): string {
    const directory = this.#directory();
    return join(directory, this.#random.pick(fs.readdirSync(directory).concat('nothing')));
  }
  #file(): string {
    const directory = this.#directory();
    const files = fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
    return join(directory, files.length === 0 ? 'nothing' : this.#random.pick(files).name);
  }
}

type Operation = {
  [Name in keyof Playground]: Playground[Name] extends () => void ? Name : never;
}[Exclude<keyof Playground, 'operate'>];

const WEIGHTS: Record<Operation, number> = {
  create: 14,
  makeDirectory: 7,
  makeDeep: 3,
  write: 8,
  append: 6,
  truncate: 3,
  link: 4,
  symlink: 3,
  changeMode: 5,
  changeOwner: 3,
  touch: 4,
  setAttribute: 4,
  comeAndGo: 4,
  setRules: 2,
  rename: 16,
  replace: 5,
  exchange: 6,
  remove: 9,
  moveOut: 4,
  moveIn: 5,
};
const OPERATIONS_BY_WEIGHT = (Object.entries(WEIGHTS) as [Operation, number][]).flatMap(([name, weight]) =>
  Array<Operation>(weight).fill(name),
);
