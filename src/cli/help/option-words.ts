import type { Completion, NamedCommand, Option } from '../command-description.ts';
import { GLOBAL_OPTIONS } from '../options.ts';

/** An option as completions and manual pages need it. */
export interface OptionWords {
  /** `-n`. */
  readonly short?: string;
  /** `--dry-run`. */
  readonly long: string;
  /** The name of its value; absent for flags. */
  readonly value?: string;
  readonly about: string;
  readonly many: boolean;
  readonly complete?: Completion;
}

/** Takes the flags of an option apart. */
export function optionWords({ flags, about, many, complete }: Option<unknown>): OptionWords {
  const [, short, long, value] = /^(?:(-\w), )?(--[\w-]+)(?: (\S+))?$/.exec(flags) ?? [];
  if (long === undefined) throw new TypeError(`flags that cannot be read: ${flags}`);
  return {
    long,
    about,
    many: many === true,
    ...(short !== undefined && { short }),
    ...(value !== undefined && { value }),
    ...(complete && { complete }),
  };
}

/** Every option of a command, its own first. */
export function allOptions({ options }: NamedCommand): OptionWords[] {
  return [...Object.values(options), ...Object.values(GLOBAL_OPTIONS)].map(optionWords);
}

/** The words that an option may be given by. */
export function flagsOf({ short, long }: OptionWords): string[] {
  return short === undefined ? [long] : [short, long];
}
