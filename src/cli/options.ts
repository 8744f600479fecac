import { parseSize } from '../base/config/size.ts';
import type { Completion, Option } from './command-description.ts';

interface Extras {
  readonly complete?: Completion;
}

/** An option without a value. */
export function flag(flags: string, about: string): Option<boolean> {
  return { flags, about, fallback: false };
}

/** `--no-x`: false when given, otherwise undefined, so that the configuration decides. */
export function negation(flags: string, about: string): Option<false | undefined> {
  return { flags, about, fallback: undefined };
}

/** An option with a value, made of its text by `read`. */
export function value<Value>(flags: string, about: string, read: (text: string) => Value, extras: Extras = {}): Option<Value | undefined> {
  return { flags, about, fallback: undefined, read, ...extras };
}

/** An option that may be given several times. */
export function values<Value>(flags: string, about: string, read: (text: string) => Value, extras: Extras = {}): Option<readonly Value[]> {
  return { flags, about, fallback: [], read, many: true, ...extras };
}

/** The same where a value may also be several, with commas between. */
export function list<Value>(flags: string, about: string, read: (text: string) => Value, extras: Extras = {}): Option<readonly Value[]> {
  return { ...values(flags, about, read, extras), hasCommas: true };
}

export function text(value: string): string {
  return value;
}

export function count(value: string): number {
  return wanted(/^\d{1,15}$/.test(value) ? Number(value) : undefined, 'a whole number');
}

/** Bytes, of a text like `64 KiB`. */
export function size(value: string): number {
  return wanted(parseSize(value), 'a size like 4096, 64KiB or 1.5GiB');
}

/** A part of a whole, of `5%` or `0.05`. */
export function part(value: string): number {
  const [, digits, percent] = /^(\d*\.?\d+)(%?)$/.exec(value) ?? [];
  const number = digits === undefined ? undefined : Number(digits) / (percent ? 100 : 1);
  return wanted(number !== undefined && number > 0 && number <= 1 ? number : undefined, 'a part like 5% or 0.05, above 0 and at most 100%');
}

/** Reads one of a few words. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]): (value: string) => Choice {
  return (value) =>
    wanted(
      choices.find((choice) => choice === value),
      `one of ${choices.join(', ')}`,
    );
}

function wanted<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new RangeError(`must be ${what}`);
  return value;
}

/** What every command understands. */
export const GLOBAL_OPTIONS = {
  store: value('--store SPEC', 'Use this store: the name of a [stores.NAME] clause, or a path', text, { complete: 'folder' }),
  set: values('--set KEY=VALUE', 'Use this setting, whatever the configuration says', text),
  json: flag('--json', 'Print JSON: one object, or one a line for lists; progress, warnings and errors as JSON on stderr'),
  quiet: flag('-q, --quiet', 'Print nothing but what was asked for, and errors'),
  verbose: flag('-v, --verbose', 'Print more'),
  debug: flag('--debug', 'Print stack traces with errors'),
  help: flag('-h, --help', 'Show this help'),
} as const;

export type GlobalValues = {
  readonly store: string | undefined;
  readonly set: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
  readonly help: boolean;
};
