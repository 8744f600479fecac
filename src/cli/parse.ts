import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest.ts';
import type { Argument, Completion, NamedCommand, Option, OptionSet } from './command-description.ts';
import { argumentText } from './help/help-text.ts';
import { allOptions, optionWords } from './help/option-words.ts';
import { GLOBAL_OPTIONS, type GlobalValues } from './options.ts';

export interface Parsed {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly globals: GlobalValues;
}

/** Reads the arguments of one command, its name taken out. Throws UsageError. */
export function parseArguments(command: NamedCommand, args: readonly string[]): Parsed {
  const { values, positionals } = readWords(command, args);
  checkArguments(command, positionals);
  return {
    args: positionals,
    options: valuesOf(values, command.options),
    globals: valuesOf(values, GLOBAL_OPTIONS) as unknown as GlobalValues,
  };
}

type Words = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function readWords(command: NamedCommand, args: readonly string[]): { values: Words; positionals: string[] } {
  const options: ParseArgsOptionsConfig = {};
  for (const { short, long, value, many } of allOptions(command)) {
    options[long.slice(2)] = {
      type: value === undefined ? 'boolean' : 'string',
      multiple: many,
      ...(short !== undefined && { short: short.slice(1) }),
    };
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw parsingFault(command, error);
  }
}

/** What parseArgs found wrong, in one line. */
function parsingFault(command: NamedCommand, error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (!code?.startsWith('ERR_PARSE_ARGS')) return error;
  const [, option = ''] = /'(?:-\w, )?(-[^' ]*)/.exec(message) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = nearestNames(
      option,
      allOptions(command).map(({ long }) => long),
    );
    return new UsageError(
      `varve ${command.name} has no option ${option}`,
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : seeHelp(command),
    );
  }
  const problem = message.includes('does not take')
    ? 'takes no value'
    : message.includes('ambiguous')
      ? 'needs a value, which here looks like an option'
      : 'needs a value';
  // Of short letters a value is what follows at once.
  const written = option.startsWith('--') ? `${option}=VALUE` : `${option}VALUE`;
  const advice = problem.endsWith('option') ? `Write it as ${written}.` : seeHelp(command);
  return new UsageError(`${option} ${problem}`, advice);
}

function checkArguments(command: NamedCommand, given: readonly string[]): void {
  const { arguments: wanted } = command;
  const missing = wanted.find(({ optional }, i) => !optional && given[i] === undefined);
  if (missing) throw new UsageError(`varve ${command.name} needs ${argumentText(missing)}: ${lowerFirst(missing.about)}`, seeHelp(command));
  if (given.length > wanted.length && !wanted.at(-1)?.many)
    throw new UsageError(`varve ${command.name} does not take ${JSON.stringify(given[wanted.length])}`, seeHelp(command));
  given.forEach((text, i) => {
    const { name, mayBeEmpty, complete } = wanted[Math.min(i, wanted.length - 1)] as Argument;
    if (text === '' && !mayBeEmpty) throw emptyFault(`an argument is empty: ${name}`, complete);
  });
}

/** An empty text would be the path of the current folder, which nobody means who gives a variable that is not set. */
function emptyFault(problem: string, complete: Completion | undefined): UsageError {
  const isPath = complete === 'folder' || complete === 'file';
  return new UsageError(problem, `Is a variable not set?${isPath ? ' The current folder is called "."' : ''}`);
}

function valuesOf(words: Words, options: OptionSet): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, option]) => [key, wordValue(option, words)]));
}

function wordValue(option: Option<unknown>, words: Words): unknown {
  const { long } = optionWords(option);
  const word = words[long.slice(2)];
  if (word === undefined) return option.fallback;
  if (Array.isArray(word)) {
    const texts = option.hasCommas ? word.flatMap((text) => String(text).split(',')) : word.map(String);
    return texts.map((text) => readValue(long, text, option));
  }
  return typeof word === 'string' ? readValue(long, word, option) : !long.startsWith('--no-');
}

function readValue(long: string, text: string, { read = (same) => same, complete }: Option<unknown>): unknown {
  if (text === '' && typeof complete === 'string') throw emptyFault(`the value of ${long} is empty`, complete);
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${long} ${error.message}, not ${JSON.stringify(text)}`);
    throw error;
  }
}

function seeHelp({ name }: NamedCommand): string {
  return `See: varve ${name} --help`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
