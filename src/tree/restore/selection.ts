import { type ByteName, showName } from '../../base/names.ts';
import { IgnorePatterns } from '../ignore-patterns.ts';

/** `within`: not itself, but perhaps something in it. */
export type Selected = 'yes' | 'no' | 'within';

/** Which entries of a tree are to be restored, by gitignore-style patterns on their paths. */
export class Selection {
  readonly #include: IgnorePatterns | undefined;
  readonly #exclude: IgnorePatterns | undefined;

  constructor(include: readonly string[] = [], exclude: readonly string[] = []) {
    this.#include = include.length > 0 ? new IgnorePatterns([include]) : undefined;
    this.#exclude = exclude.length > 0 ? new IgnorePatterns([exclude]) : undefined;
  }

  of(path: string, isDirectory: boolean): Selected {
    if (this.#include === undefined && this.#exclude === undefined) return 'yes';
    const shown = showName(path as ByteName) + (isDirectory ? '/' : '');
    if (this.#exclude?.test(shown).ignored) return 'no';
    // A pattern that matches a directory includes everything in it.
    if (this.#include === undefined || this.#include.test(shown).ignored) return 'yes';
    return isDirectory ? 'within' : 'no';
  }

  /** Whether an entry that the tree does not have may be removed: only where everything was to be restored. */
  mayDelete(path: string, isDirectory: boolean): boolean {
    return this.of(path, isDirectory) === 'yes';
  }

  /** Whether a directory (path with a slash at its end) is given its metadata: one that is only passed through keeps its own. */
  takesMetadata(path: string): boolean {
    return path === '' ? this.#include === undefined : this.of(path.slice(0, -1), true) === 'yes';
  }
}
