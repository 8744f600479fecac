import type { CatalogueGroup } from '../catalogue.ts';
import type { NamedCommand } from '../command-description.ts';
import { GLOBAL_OPTIONS } from '../options.ts';
import { argumentText } from './help-text.ts';
import { type OptionWords, optionWords } from './option-words.ts';

/** A manual page of a command, in the man macros of roff (man(7)). */
export function commandPage(command: NamedCommand, version: string): string {
  const { name, summary, description, arguments: args, options, examples, json } = command;
  return [
    ...head(`varve-${name}`, summary, version),
    '.SH SYNOPSIS',
    `.B varve ${name}`,
    '.RI [ OPTIONS ]',
    ...(args.length === 0 ? [] : [`.I ${args.map((argument) => roff(argumentText(argument))).join(' ')}`]),
    '.SH DESCRIPTION',
    ...description.flatMap((paragraph, i) => [...(i > 0 ? ['.PP'] : []), roff(paragraph)]),
    ...section(
      'ARGUMENTS',
      args.flatMap((argument) => term(`.I ${roff(argumentText(argument))}`, argument.about)),
    ),
    ...section('OPTIONS', Object.values(options).map(optionWords).flatMap(optionTerm)),
    '.SH OPTIONS OF EVERY COMMAND',
    ...Object.values(GLOBAL_OPTIONS).map(optionWords).flatMap(optionTerm),
    ...section('JSON', json === undefined ? [] : [roff(json)]),
    '.SH EXAMPLES',
    ...examples.flatMap(({ command, about }, i) => [
      ...(i > 0 ? ['.PP'] : []),
      roff(`${about}:`),
      '.PP',
      '.RS 4',
      '.EX',
      roff(command),
      '.EE',
      '.RE',
    ]),
    ...EXIT_STATUS,
    '.SH SEE ALSO',
    '.BR varve (1)',
    '',
  ].join('\n');
}

/** The manual page of the program as a whole. */
export function programPage(groups: readonly CatalogueGroup[], version: string): string {
  return [
    ...head('varve', 'the memory of your files', version),
    '.SH SYNOPSIS',
    '.B varve',
    '.I COMMAND',
    '.RI [ OPTIONS ]',
    '…',
    '.SH DESCRIPTION',
    roff('Saves file trees into a deduplicating, verifiable store, and shows any moment of the past. Each command has a page of its own.'),
    ...groups.flatMap(({ title, commands }) => [
      `.SH ${title.toUpperCase()}`,
      ...commands.flatMap(({ name, summary }) => term(`.BR varve\\-${roff(name)} (1)`, summary)),
    ]),
    '.SH OPTIONS OF EVERY COMMAND',
    ...Object.values(GLOBAL_OPTIONS).map(optionWords).flatMap(optionTerm),
    ...REFERENCES,
    ...EXIT_STATUS,
    '.SH ENVIRONMENT',
    ...term(
      '.B VARVE_HOME',
      'Holds everything of varve: configuration, stores, caches. Without it, the folders of the XDG Base Directory Specification are used.',
    ),
    ...term('.B VARVE_STORE, VARVE_HASH, …', 'Every setting of config.toml can be set by a variable; see varve config show.'),
    ...term('.B NO_COLOR', 'No colours.'),
    '',
  ].join('\n');
}

const REFERENCES = [
  '.SH REFERENCES',
  roff('Commands take references to what was saved:'),
  ...term('.I ARCHIVE', 'the newest revision of an archive'),
  ...term('.I ARCHIVE@TIME', 'the newest at that time: docs@2026-03-01, docs@2026-03-01T17:00, docs@yesterday'),
  ...term('.I ARCHIVE@~N', 'so many revisions before the newest'),
  ...term('.I ARCHIVE@TAG', 'the newest with that tag'),
  ...term('.I ALGORITHM:HEX', 'a tree by its digest, or by the first 8 digits of it or more'),
  ...term('.I FILE.varve', 'an archive that is a file'),
  roff('Each may have [STORE] before it and :/path behind it. In that path, \\xNN stands for a byte and \\\\ for a backslash.'),
];

const EXIT_STATUS = [
  '.SH EXIT STATUS',
  ...term('.B 0', 'done'),
  ...term('.B 1', 'failed'),
  ...term('.B 2', 'the command line or the configuration cannot be meant'),
  ...term('.B 3', 'done in part: what failed was listed'),
  ...term('.B 130', 'interrupted'),
];

function head(name: string, summary: string, version: string): string[] {
  const lower = summary.charAt(0).toLowerCase() + summary.slice(1);
  return [`.TH ${roff(name.toUpperCase())} 1 "" "varve ${roff(version)}" "Varve"`, '.SH NAME', `${roff(name)} \\- ${roff(lower)}`];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

function optionTerm({ short, long, value, about }: OptionWords): string[] {
  const flags = [short, long]
    .filter((flag) => flag !== undefined)
    .map(roff)
    .join(', ');
  return term(value === undefined ? `.B ${flags}` : `.BI "${flags} " ${roff(value)}`, about);
}

function term(line: string, about: string): string[] {
  return ['.TP', line, roff(about)];
}

/** Text in which nothing is taken for a request, a dash or an escape. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
