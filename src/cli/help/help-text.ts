import type { CatalogueGroup } from '../catalogue.ts';
import type { Argument, NamedCommand, OptionSet } from '../command-description.ts';
import { GLOBAL_OPTIONS } from '../options.ts';
import { pad } from '../output/table.ts';

const COLUMNS = 100;
const INDENT = '  ';

/** What `varve --help` prints. */
export function programHelp(groups: readonly CatalogueGroup[]): string[] {
  const width = Math.max(...groups.flatMap(({ commands }) => commands.map(({ name }) => name.length)));
  return [
    'Usage: varve COMMAND [OPTIONS] …',
    '',
    'The memory of your files: saves file trees into a deduplicating, verifiable store, and shows any moment of the past.',
    ...groups.flatMap(({ title, commands }) => [
      '',
      `${title}:`,
      ...commands.map(({ name, summary }) => `${INDENT}${pad(name, width, 'left')}  ${summary}`),
    ]),
    '',
    'Options of every command:',
    ...optionLines(GLOBAL_OPTIONS),
    `${INDENT}-V, --version      Print the version`,
    '',
    'More about a command: varve help COMMAND',
  ];
}

/** What `varve COMMAND --help` prints. */
export function commandHelp(command: NamedCommand): string[] {
  const { description, arguments: args, options, examples, json } = command;
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', `${title}:`, ...lines]);
  return [
    `Usage: ${synopsis(command)}`,
    ...description.flatMap((paragraph) => ['', ...wrap(paragraph, COLUMNS)]),
    ...section('Arguments', argumentLines(args)),
    ...section('Options', optionLines(options)),
    ...section('Options of every command', optionLines(GLOBAL_OPTIONS)),
    ...section('JSON', json === undefined ? [] : wrap(json, COLUMNS - 2).map((line) => INDENT + line)),
    ...section(
      'Examples',
      examples.flatMap(({ command, about }) => [`${INDENT}# ${about}`, `${INDENT}${command}`]),
    ),
  ];
}

/** `varve restore [OPTIONS] REF TARGET`. */
export function synopsis({ name, arguments: args }: NamedCommand): string {
  return ['varve', name, '[OPTIONS]', ...args.map(argumentText)].join(' ');
}

export function argumentText({ name, optional, many }: Argument): string {
  const inner = many ? `${name}…` : name;
  return optional ? `[${inner}]` : inner;
}

function argumentLines(args: readonly Argument[]): string[] {
  return listing(args.map((argument) => [argumentText(argument), argument.about]));
}

function optionLines(options: OptionSet): string[] {
  const hasShort = Object.values(options).some(({ flags }) => !flags.startsWith('--'));
  return listing(Object.values(options).map(({ flags, about }) => [hasShort && flags.startsWith('--') ? `    ${flags}` : flags, about]));
}

/** Terms at the left, what they mean wrapped beside them. */
function listing(items: readonly (readonly [term: string, about: string])[]): string[] {
  const width = Math.max(0, ...items.map(([term]) => term.length));
  const start = INDENT.length + width + 2;
  return items.flatMap(([term, about]) =>
    wrap(about, COLUMNS - start).map((line, i) => (i === 0 ? `${INDENT}${pad(term, width, 'left')}  ${line}` : ' '.repeat(start) + line)),
  );
}

/** Breaks a paragraph into lines at spaces. */
export function wrap(paragraph: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
