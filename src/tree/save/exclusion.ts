import fs from 'node:fs';
import { UsageError, VarveError } from '../../base/errors.ts';
import { type ByteName, nameFromText, showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { IgnorePatterns } from '../ignore-patterns.ts';
import type { SaveOptions } from '../types.ts';

/** The file in a directory that says what of it is not to be saved. */
const IGNORE_FILE = nameFromText('.varveignore');
const MAX_IGNORE_FILE_BYTES = 1 << 20;
const CACHE_TAG = nameFromText('CACHEDIR.TAG');
/** Cache Directory Tagging Specification, https://bford.info/cachedir/ */
const CACHE_TAG_SIGNATURE = 'Signature: 8a477f597d28d172789f06886806bc55';

/** Rules and the directory they are relative to, as the path below the root with a slash at its end, or nothing for the root. */
interface Rules {
  readonly base: string;
  readonly matcher: IgnorePatterns;
}

/**
 * What is left out below one directory: the rules that apply, in the order in which they are asked, as git asks them: those that the user gave, then those of ignore
 * files, the nearest first. Immutable; a directory with rules of its own makes another one. Unlike git's, a wildcard stands for a character, not a byte.
 */
export class Exclusion {
  readonly #given: Rules | undefined;
  readonly #rules: readonly Rules[];
  readonly #options: SaveOptions;

  private constructor(given: Rules | undefined, rules: readonly Rules[], options: SaveOptions) {
    this.#given = given;
    this.#rules = rules;
    this.#options = options;
  }

  /** Throws UsageError when a file of patterns cannot be read. */
  static fromOptions(options: SaveOptions): Exclusion {
    const { excludes = [], excludeFrom = [] } = options;
    if (excludes.length === 0 && excludeFrom.length === 0) return new Exclusion(undefined, [], options);
    const matcher = new IgnorePatterns([excludes, ...excludeFrom.map(readPatterns)]);
    return new Exclusion({ base: '', matcher }, [], options);
  }

  /** Those for a directory that was just listed: with the rules of its own ignore file. `path` is relative to the root, with a slash at its end. */
  enter(directory: Directory, names: ReadonlySet<ByteName> | readonly ByteName[], path: () => string): Exclusion {
    const outer = this.#admitting(path);
    if (this.#options.ignoreFiles === false || !includes(names, IGNORE_FILE)) return outer;
    const text = readSmall(directory, IGNORE_FILE, MAX_IGNORE_FILE_BYTES);
    if (text === undefined) return outer;
    return new Exclusion(outer.#given, [{ base: path(), matcher: new IgnorePatterns([text]) }, ...outer.#rules], this.#options);
  }

  get isEmpty(): boolean {
    return this.#given === undefined && this.#rules.length === 0;
  }

  /** Whether a path below the root (with a slash at its end if it is a directory) is left out. The first rules with a pattern that matches decide. */
  excludes(path: string): boolean {
    for (const { base, matcher } of this.#given === undefined ? this.#rules : [this.#given, ...this.#rules]) {
      const { ignored, unignored } = matcher.test(below(path, base));
      if (ignored || unignored) return ignored;
    }
    return false;
  }

  /**
   * Those for what is in a directory that is not left out. Rules that would leave it out lost against others, so for them, too, the directory is no reason any more
   * to leave out all that is in it.
   */
  #admitting(path: () => string): Exclusion {
    if (this.#rules.length + (this.#given === undefined ? 0 : 1) < 2) return this;
    const rules = this.#rules.map(({ base, matcher }) => {
      const relative = below(path(), base);
      return { base, matcher: matcher.test(relative).ignored ? matcher.admitting(relative) : matcher };
    });
    return rules.every(({ matcher }, at) => matcher === this.#rules[at]?.matcher) ? this : new Exclusion(this.#given, rules, this.#options);
  }
}

/** A path as rules are asked about it, relative to their directory. */
function below(path: string, base: string): string {
  return showName(path.slice(base.length) as ByteName);
}

/** Whether a directory is tagged as a cache, whose content can be made again. */
export function isCache(directory: Directory, names: ReadonlySet<ByteName> | readonly ByteName[]): boolean {
  return (
    includes(names, CACHE_TAG) && readSmall(directory, CACHE_TAG, CACHE_TAG_SIGNATURE.length)?.startsWith(CACHE_TAG_SIGNATURE) === true
  );
}

/** All that is kept of such a directory. */
export const CACHE_TAG_NAME = CACHE_TAG;

/** The files by which a directory says what of it is to be saved: when one comes, goes or changes, everything below may. */
export const RULE_FILES: readonly ByteName[] = [IGNORE_FILE, CACHE_TAG];

/** Those of them that a directory has which is not listed. Where that cannot be told, they could not be read either. */
export function ruleFilesIn(directory: Directory): ByteName[] {
  const stat = new Stat();
  try {
    return RULE_FILES.filter((name) => directory.stat(name, stat));
  } catch (error) {
    if (!(error instanceof VarveError)) throw error;
    return [];
  }
}

function includes(names: ReadonlySet<ByteName> | readonly ByteName[], name: ByteName): boolean {
  return Array.isArray(names) ? names.includes(name) : (names as ReadonlySet<ByteName>).has(name);
}

/** The first bytes of a file as text; undefined when it cannot be read. */
function readSmall(directory: Directory, name: ByteName, limitBytes: number): string | undefined {
  let fd: number;
  try {
    fd = directory.openFile(name, 'read');
  } catch {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(limitBytes);
    return bytes.toString('utf8', 0, system().read(fd, bytes, 0));
  } catch {
    return undefined;
  } finally {
    system().closeFile(fd);
  }
}

function readPatterns(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the patterns in ${file} cannot be read: ${(error as Error).message}`);
  }
}
