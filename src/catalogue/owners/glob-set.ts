import type { ByteName } from '../../base/names.ts';
import type { GlobComponent } from './pattern.ts';

interface Numbered {
  readonly number: number;
  readonly glob: GlobComponent;
}

/**
 * Globs that are tried on many names. Nearly all begin or end with a plain byte, so that one byte of a name tells which few are worth
 * trying.
 */
export class GlobSet {
  readonly #byFirst = new Map<number, Numbered[]>();
  readonly #byLast = new Map<number, Numbered[]>();
  readonly #others: Numbered[] = [];

  constructor(globs: readonly GlobComponent[]) {
    for (const [number, glob] of globs.entries()) this.#bucketOf(glob.glob).push({ number, glob });
  }

  /** The numbers of the globs that a name matches, as a text: equal texts, equal sets. Empty for none. */
  matchesOf(name: ByteName): string {
    return (
      this.#tried(this.#byFirst.get(name.charCodeAt(0)), name) +
      this.#tried(this.#byLast.get(name.charCodeAt(name.length - 1)), name) +
      this.#tried(this.#others, name)
    );
  }

  #tried(globs: readonly Numbered[] | undefined, name: ByteName): string {
    let numbers = '';
    if (globs) for (const { number, glob } of globs) if (glob.matches(name)) numbers += `${number},`;
    return numbers;
  }

  #bucketOf(glob: string): Numbered[] {
    if (/^[^*?[\]{}\\]/.test(glob)) return bucket(this.#byFirst, glob.charCodeAt(0));
    if (/[^*?[\]{}\\]$/.test(glob)) return bucket(this.#byLast, glob.charCodeAt(glob.length - 1));
    return this.#others;
  }
}

function bucket(buckets: Map<number, Numbered[]>, byte: number): Numbered[] {
  const found = buckets.get(byte) ?? [];
  buckets.set(byte, found);
  return found;
}
