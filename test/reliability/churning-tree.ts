import fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../support/random.ts';

/** A folder that changes between saves as people's folders do: files are added, edited in the middle, appended to, renamed and removed. */
export class ChurningTree {
  readonly folder: string;
  readonly #random: Random;
  #files: string[] = [];
  #made = 0;

  constructor(folder: string, random: Random, files: number) {
    this.folder = folder;
    this.#random = random;
    fs.mkdirSync(folder, { recursive: true });
    for (let i = 0; i < files; i++) this.#add();
  }

  /** One step of change. */
  churn(): void {
    for (let i = this.#random.below(8); i >= 0; i--) {
      const what = this.#random.below(5);
      if (what === 0 || this.#files.length < 5) this.#add();
      else if (what === 1) this.#remove();
      else if (what === 2) this.#rename();
      else if (what === 3) fs.appendFileSync(this.#pick(), this.#content());
      else this.#edit();
    }
  }

  #pick(): string {
    return join(this.folder, this.#random.pick(this.#files));
  }

  #add(): void {
    const name = this.#newName();
    fs.writeFileSync(join(this.folder, name), this.#content());
    this.#files.push(name);
  }

  #remove(): void {
    const name = this.#random.pick(this.#files);
    fs.rmSync(join(this.folder, name));
    this.#files = this.#files.filter((other) => other !== name);
  }

  #rename(): void {
    const from = this.#random.pick(this.#files);
    const to = this.#newName();
    fs.renameSync(join(this.folder, from), join(this.folder, to));
    this.#files = this.#files.map((name) => (name === from ? to : name));
  }

  #edit(): void {
    const file = this.#pick();
    const bytes = fs.readFileSync(file);
    this.#random.bytes(Math.min(20, bytes.length)).copy(bytes, this.#random.below(Math.max(1, bytes.length - 20)));
    fs.writeFileSync(file, bytes);
  }

  #newName(): string {
    const name = `${'abcd'[this.#random.below(4)]}/${this.#random.below(3)}/file ${this.#made++}`;
    fs.mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    return name;
  }

  /** Mostly small; some compresses and some does not. */
  #content(): Buffer {
    const size = this.#random.below(this.#random.chance(0.1) ? 200_000 : 6000);
    return this.#random.chance(0.5) ? this.#random.bytes(size) : Buffer.alloc(size, `line ${this.#random.below(1000)}\n`);
  }
}
