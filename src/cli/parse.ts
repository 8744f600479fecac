import { Command as CommanderCommand, CommanderError, Option as CommanderOption } from 'commander';
import { UsageError } from '../base/errors.ts';
import type { NamedCommand, Option, OptionSet } from './command.ts';
import { GLOBAL_OPTIONS, type GlobalValues } from './options.ts';

export interface Parsed {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly globals: GlobalValues;
}

/** Reads the arguments of one command, its name taken out. Throws UsageError. */
export function parseArguments(command: NamedCommand, args: readonly string[]): Parsed {
  const parser = parserOf(command);
  try {
    parser.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const message = error.message.replace(/^error: /, '').replace('\n', ' ');
    throw new UsageError(message, `See: varve ${command.name} --help`);
  }
  return {
    args: parser.args,
    options: valuesOf(parser, command.options),
    globals: valuesOf(parser, GLOBAL_OPTIONS) as unknown as GlobalValues,
  };
}

function parserOf({ name, arguments: args, options }: NamedCommand): CommanderCommand {
  const parser = new CommanderCommand(name)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .action(() => {});
  for (const { name, optional, many } of args) {
    const inner = `${name}${many ? '...' : ''}`;
    parser.argument(optional ? `[${inner}]` : `<${inner}>`);
  }
  for (const option of [...Object.values(options), ...Object.values(GLOBAL_OPTIONS)]) parser.addOption(parserOptionOf(option));
  return parser;
}

function parserOptionOf({ flags, about, read, many }: Option<unknown>): CommanderOption {
  const option = new CommanderOption(flags.replace(/ (\S+)$/, read ? ' <$1>' : ' $1'), about);
  if (!read) return option;
  return option.argParser((text, previous: unknown) => {
    const value = readValue(option.long ?? flags, text, read);
    return many ? [...((previous as unknown[] | undefined) ?? []), value] : value;
  });
}

function readValue(flag: string, text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${flag} ${error.message}, not ${JSON.stringify(text)}`);
    throw error;
  }
}

function valuesOf(parser: CommanderCommand, options: OptionSet): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, { fallback }]) => [
      key,
      parser.getOptionValueSource(key) === 'cli' ? parser.getOptionValue(key) : fallback,
    ]),
  );
}
