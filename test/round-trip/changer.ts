import fs from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../support/random.ts';

/** Changes a source at random, and tells of each change by the names that a watcher of all its files would tell. */
export class Changer {
  readonly #random: Random;
  readonly #source: string;
  readonly told = new Set<string>();
  #made = 0;

  constructor(source: string, random: Random) {
    this.#source = source;
    this.#random = random;
  }

  change(): void {
    const random = this.#random;
    const { files: all, directories } = this.#list();
    // Those are changed by an action of their own.
    const files = all.filter((path) => !path.endsWith('.varveignore'));
    const directory = random.pick(directories);
    const file = files.length > 0 ? random.pick(files) : undefined;
    const fresh = join(directory, `${random.pick(['f', 'g', 'é', 'sub'])}${random.below(40)}`);
    const actions: (() => void)[] = [
      () => this.#write(fresh),
      () => this.#write(fresh),
      () => file !== undefined && this.#write(file),
      () => file !== undefined && this.#remove(file),
      () => this.#makeDirectory(fresh),
      () => directory !== '' && random.chance(0.3) && this.#remove(directory),
      () => this.#move(file ?? directory, fresh),
      () => directory !== '' && this.#move(directory, join(random.pick(directories), `moved${random.below(9)}`)),
      () => file !== undefined && this.#link(file, fresh),
      () => this.#chmod(file ?? directory),
      () => this.#chmod(directory),
      () => this.#symlink(fresh),
      () => this.#exclude(directory, random.pick(['f1*\n', 'sub*/\n', '!f2\n', ''])),
    ];
    random.pick(actions)();
  }

  #write(path: string, text?: string): void {
    if (this.#isDirectory(path)) return;
    const bytes = text ?? this.#random.bytes(this.#random.pick([0, 10, 200, 9000, 150_000]));
    if (fs.lstatSync(this.#at(path), { throwIfNoEntry: false })?.isSymbolicLink()) this.#remove(path);
    fs.writeFileSync(this.#at(path), bytes);
    this.#tellLinks(path);
  }

  #exclude(directory: string, rules: string): void {
    this.#write(join(directory, '.varveignore'), rules);
    for (const each of this.#below(directory)) this.#tellLinks(each);
  }

  #makeDirectory(path: string): void {
    if (fs.lstatSync(this.#at(path), { throwIfNoEntry: false }) !== undefined) return;
    fs.mkdirSync(this.#at(path));
    this.#tell(path);
  }

  #remove(path: string): void {
    for (const each of this.#below(path)) this.#tellLinks(each);
    fs.rmSync(this.#at(path), { recursive: true, force: true });
    // By its own name, or by that of the directory that it went from.
    this.#tell(this.#random.chance(0.5) ? path : join(path, '..').replace(/^\.$/, ''));
  }

  #move(from: string, to: string): void {
    if (from === '' || `${to}/`.startsWith(`${from}/`) || fs.lstatSync(this.#at(to), { throwIfNoEntry: false }) !== undefined) return;
    for (const each of this.#below(from)) this.#tellLinks(each);
    fs.renameSync(this.#at(from), this.#at(to));
    this.#tell(from);
    this.told.add(`${to}/*`);
    for (const each of this.#below(to)) this.#tellLinks(each);
  }

  #link(from: string, to: string): void {
    if (fs.lstatSync(this.#at(to), { throwIfNoEntry: false }) !== undefined) return;
    fs.linkSync(this.#at(from), this.#at(to));
    this.#tellLinks(to);
  }

  #chmod(path: string): void {
    if (path === '' || fs.lstatSync(this.#at(path)).isSymbolicLink()) return;
    fs.chmodSync(this.#at(path), this.#random.pick([0o755, 0o700, 0o775]));
    this.#tellLinks(path);
  }

  #symlink(path: string): void {
    if (fs.lstatSync(this.#at(path), { throwIfNoEntry: false }) !== undefined) return;
    fs.symlinkSync(`target ${this.#made++}`, this.#at(path));
    this.#tell(path);
  }

  /** Also of much that has not changed. */
  tellMore(): void {
    this.told.add(`${this.#random.pick(this.#list().directories)}/*`);
  }

  #tell(path: string): void {
    this.told.add(path);
  }

  #tellLinks(path: string): void {
    this.#tell(path);
    const stat = fs.lstatSync(this.#at(path), { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory() || stat.nlink < 2) return;
    for (const other of this.#list().files) if (fs.lstatSync(this.#at(other)).ino === stat.ino) this.#tell(other);
  }

  #list(): { readonly files: string[]; readonly directories: string[] } {
    const found = { files: [] as string[], directories: [''] };
    for (const entry of fs.readdirSync(this.#source, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(this.#source.length + 1);
      found[entry.isDirectory() ? 'directories' : 'files'].push(path);
    }
    return found;
  }

  #below(path: string): string[] {
    return this.#list().files.filter((file) => path === '' || file === path || file.startsWith(`${path}/`));
  }

  #isDirectory(path: string): boolean {
    return fs.lstatSync(this.#at(path), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  #at(path: string): string {
    return join(this.#source, path);
  }
}
