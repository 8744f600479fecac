import ignore, { type Ignore } from 'ignore';

/** As git does where names that differ in case alone are two files. */
const OPTIONS = { ignorecase: false };
/** The matcher remembers each path it was asked about, so it is made anew after so many. */
const REMEMBERED_PATHS = 20_000;

/** gitignore-style patterns, asked about any number of paths in bounded memory. */
export class IgnorePatterns {
  readonly #patterns: readonly (string | readonly string[])[];
  #matcher: Ignore;
  #asked = 0;

  /** Each is a text with a pattern on each line, or a list of single patterns; later ones win. */
  constructor(patterns: readonly (string | readonly string[])[]) {
    this.#patterns = patterns;
    this.#matcher = this.#compile();
  }

  /** What the last pattern that matches says of a relative path, which ends in a slash if it is a directory's. In an ignored directory everything is. */
  test(path: string): { readonly ignored: boolean; readonly unignored: boolean } {
    this.#asked++;
    if (this.#asked % REMEMBERED_PATHS === 0) this.#matcher = this.#compile();
    return this.#matcher.test(path);
  }

  /** The same patterns, but for a directory (a path as `test` has it), which is not ignored. What is in it is held against them as anywhere. */
  admitting(directory: string): IgnorePatterns {
    return new IgnorePatterns([...this.#patterns, [`!/${directory.replace(/[\\*?[\]]/g, '\\$&')}`]]);
  }

  #compile(): Ignore {
    const matcher = ignore(OPTIONS);
    for (const patterns of this.#patterns) matcher.add(patterns);
    return matcher;
  }
}
