import type { Completion, NamedCommand } from '../command-description.ts';
import { allOptions, flagsOf, type OptionWords } from './option-words.ts';

/** Completions for fish 3 or newer. */
export function fishCompletions(commands: readonly NamedCommand[]): string {
  const valued = commands.flatMap((command) =>
    allOptions(command)
      .filter(({ value }) => value !== undefined)
      .flatMap((option) => flagsOf(option).map((flag) => `${command.name}:${flag}`)),
  );
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completions of varve for fish. Load them with: varve completions fish | source
set -g __varve_valued :--store :--set ${valued.join(' ')}
# Prints the command and how many arguments it has up to the cursor.
function __varve_place
    set -l place '' 0
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- "$place[1]:$word" $__varve_valued
            set skip 1
        else if string match -q -- '-?*' $word
            continue
        else if test -z "$place[1]"
            set place[1] $word
        else
            set place[2] (math $place[2] + 1)
        end
    end
    echo $place[1]
    echo $place[2]
end
function __varve_in
    set -l place (__varve_place)
    test "$place[1]" = "$argv[1]"; and begin; not set -q argv[2]; or test "$place[2]" = "$argv[2]"; end
end
function __varve_archives
    varve completions archives 2>/dev/null
end
complete -c varve -f
${[['help', 'Show help'] as const, ...commands.map(({ name, summary }) => [name, summary] as const)].map(([name, about]) => `complete -c varve -n '__varve_in ""' -a ${name} -d ${quoted(about)}`).join('\n')}
complete -c varve -n '__varve_in ""' -s V -l version -d 'Print the version'
complete -c varve -n '__varve_in help 0' -a '${names}'
${commands.flatMap((command) => [...allOptions(command).map((option) => optionLine(command, option)), ...argumentLines(command)]).join('\n')}
`;
}

function optionLine({ name }: NamedCommand, { short, long, value, about, complete }: OptionWords): string {
  const words = [`-n '__varve_in ${name}'`, ...(short === undefined ? [] : [`-s ${short.slice(1)}`]), `-l ${long.slice(2)}`];
  return `complete -c varve ${[...words, ...(value === undefined ? [] : ['-r', action(complete)]), `-d ${quoted(about)}`].filter((word) => word !== '').join(' ')}`;
}

function argumentLines({ name, arguments: args }: NamedCommand): string[] {
  return args.flatMap(({ complete, many }, at) =>
    complete === undefined ? [] : [`complete -c varve -n '__varve_in ${name}${many ? '' : ` ${at}`}' ${action(complete)}`],
  );
}

function action(complete: Completion | undefined): string {
  if (complete === undefined) return '-f';
  if (complete === 'archive') return "-f -a '(__varve_archives)'";
  if (complete === 'file') return '-F';
  if (complete === 'folder') return "-f -a '(__fish_complete_directories)'";
  return `-f -a '${complete.join(' ')}'`;
}

/** Fish knows two escapes inside single quotes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
