import { type ByteName, nameFromText, showName } from '../../../src/base/names.ts';
import { system } from '../../../src/sys/system.ts';
import type { Directory } from '../../../src/sys/types.ts';

interface Level {
  readonly name: ByteName;
  /** Descending, so that taking from the end goes up. */
  readonly pending: ByteName[];
}

/**
 * Two trees at once, depth first, holding open but one directory of each: `a` and `b` are where the walk stands. Names come that either of them has.
 */
export class PairedWalk implements Disposable {
  a: Directory;
  b: Directory;
  readonly #levels: Level[] = [];

  constructor(a: string, b: string) {
    this.a = system().openDirectory(nameFromText(a));
    this.b = system().openDirectory(nameFromText(b));
  }

  /** First `.` for the two roots themselves, then every name in them, and in whatever is entered right after it came. */
  *names(): Generator<ByteName> {
    yield '.' as ByteName;
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      const name = level.pending.pop();
      if (name !== undefined) yield name;
      else this.#leave();
    }
  }

  enter(name: ByteName): void {
    this.#stand(this.a.openDirectory(name), this.b.openDirectory(name));
    const names = new Set([...this.a.entries().names, ...this.b.entries().names]);
    this.#levels.push({ name, pending: [...names].sort().reverse() });
  }

  /** The legible path of a name of the current directories, from the roots. */
  pathOf(name: ByteName): string {
    const path = [...this.#levels.map((level) => level.name), name].filter((each) => each !== '.');
    return path.map(showName).join('/') || '.';
  }

  [Symbol.dispose](): void {
    this.a.close();
    this.b.close();
  }

  #leave(): void {
    this.#levels.pop();
    if (this.#levels.length > 0) this.#stand(this.a.openParent(), this.b.openParent());
  }

  #stand(a: Directory, b: Directory): void {
    this[Symbol.dispose]();
    this.a = a;
    this.b = b;
  }
}
