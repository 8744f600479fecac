import { parseRetention } from '../../base/config/retention.ts';
import { nearestNames } from '../../base/nearest.ts';
import type { EventKind } from '../types.ts';
import { CHANGES, DEFAULT_FLAGS } from './flags.ts';
import { type FolderPattern, parsePattern } from './pattern.ts';
import type { OwnerRule, RuleSource, SaveFlags } from './types.ts';

/** What a rule file may say, as TOML gives it. `folders` alone must be there. */
export interface RuleTable {
  readonly name?: string;
  readonly comment?: string;
  readonly folders: readonly string[];
  readonly keep?: boolean;
  readonly hash?: boolean;
  readonly record?: readonly string[];
  readonly notify?: readonly string[];
  readonly retention?: string | readonly string[];
}

/** A key of a rule file does not hold what can be meant. The reader of the file adds the line. */
export class RuleFault extends RangeError {
  readonly key: string;

  constructor(key: string, problem: string) {
    super(problem);
    this.key = key;
  }
}

const KEYS = ['name', 'comment', 'folders', 'keep', 'hash', 'record', 'notify', 'retention'];
const MAX_PATTERNS = 1000;
const MAX_TEXT_LENGTH = 1000;

/** The rule that a table means. Throws RuleFault for the first key that cannot be meant. */
export function ruleOf(id: string, table: Readonly<Record<string, unknown>>, source: RuleSource): OwnerRule {
  for (const key of Object.keys(table)) {
    if (KEYS.includes(key)) continue;
    const [near] = nearestNames(key, KEYS);
    throw new RuleFault(
      key,
      `there is no key ${key} in a rule${near === undefined ? `; there are ${KEYS.join(', ')}` : `: is it ${near}?`}`,
    );
  }
  const read = <Value>(key: string, fallback: Value, parse: (value: unknown) => Value): Value => {
    const value = table[key];
    if (value === undefined) return fallback;
    try {
      return parse(value);
    } catch (error) {
      if (error instanceof RangeError) throw new RuleFault(key, `${key} ${error.message}`);
      throw error;
    }
  };
  return {
    id,
    name: read('name', id, line),
    comment: read('comment', '', line),
    folders: read('folders', undefined, patterns) ?? missing(),
    flags: flagsOf(read),
    source,
  };
}

function flagsOf(read: <Value>(key: string, fallback: Value, parse: (value: unknown) => Value) => Value): SaveFlags {
  const hash = read('hash', DEFAULT_FLAGS.hash, truth);
  const keep = read('keep', DEFAULT_FLAGS.keep && hash, truth);
  if (keep && !hash) throw new RuleFault('keep', 'keep = true needs hash = true: what is kept is kept under its digest');
  return {
    keep,
    hash,
    record: read('record', DEFAULT_FLAGS.record, changes),
    notify: read('notify', DEFAULT_FLAGS.notify, changes),
    retention: read('retention', DEFAULT_FLAGS.retention, parseRetention),
  };
}

function missing(): never {
  throw new RuleFault('folders', 'folders is missing: a list of patterns, such as ["~/.cache/mine"], or [] to claim nothing');
}

function line(value: unknown): string {
  if (typeof value !== 'string' || value.length > MAX_TEXT_LENGTH)
    throw new RangeError(`must be a text of ${MAX_TEXT_LENGTH} characters at most`);
  return value.trim().replace(/\s+/g, ' ');
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new RangeError('must be true or false');
  return value;
}

function changes(value: unknown): ReadonlySet<EventKind> {
  const words = Object.keys(CHANGES);
  if (!Array.isArray(value) || !value.every((word) => words.includes(word)))
    throw new RangeError(`must be a list of any of ${words.join(', ')}`);
  return new Set(value.map((word: string) => CHANGES[word] as EventKind));
}

function patterns(value: unknown): readonly FolderPattern[] {
  if (!Array.isArray(value) || !value.every((text) => typeof text === 'string')) throw new RangeError('must be a list of texts');
  if (value.length > MAX_PATTERNS) throw new RangeError(`must not have more than ${MAX_PATTERNS} patterns`);
  return value.map((text: string) => parsePattern(text));
}
