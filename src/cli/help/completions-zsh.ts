import type { Argument, Completion, NamedCommand } from '../command-description.ts';
import { GLOBAL_OPTIONS } from '../options.ts';
import { allOptions, flagsOf, type OptionWords, optionWords } from './option-words.ts';

const { help: _, ...others } = GLOBAL_OPTIONS;
/** What may stand before the command, too. */
const GLOBALS = Object.values(others).map(optionWords);

/** Completions for zsh, as a function file of its completion system. */
export function zshCompletions(commands: readonly NamedCommand[]): string {
  return `#compdef varve
# Completions of varve for zsh. Load them with: source <(varve completions zsh), after compinit; or put them into a file _varve of fpath.
_varve_archives() { local -a names; names=(\${(f)"$(varve completions archives 2>/dev/null)"}); compadd -S '' -a names; }
_varve() {
  local context state line
  typeset -A opt_args
  _arguments -C '(- *)'{-h,--help}'[Show help]' '(- *)'{-V,--version}'[Print the version]' ${GLOBALS.map(optionSpec).join(' ')} '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands
      commands=(${[['help', 'Show help'] as const, ...commands.map(({ name, summary }) => [name, summary] as const)].map(([name, about]) => quoted(`${name}:${about}`)).join(' ')})
      _describe command commands ;;
    rest)
      case $words[1] in
        help) _arguments '1:command:(${commands.map(({ name }) => name).join(' ')})' ;;
${commands.map((command) => `        ${command.name}) _arguments -s ${specs(command).join(' ')} ;;`).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _varve ]]; then _varve "$@"; else compdef _varve varve; fi
`;
}

function specs(command: NamedCommand): string[] {
  return [...allOptions(command).map(optionSpec), ...command.arguments.map(argumentSpec)];
}

function optionSpec(option: OptionWords): string {
  const { value, about, many, complete } = option;
  const flags = flagsOf(option);
  const exclusion = many ? quoted('*') : quoted(`(${flags.join(' ')})`);
  const names = flags.length > 1 ? `{${flags.join(',')}}` : flags[0];
  return `${exclusion}${names}${quoted(`[${about.replace(/[[\]]/g, '\\$&')}]${value === undefined ? '' : `:${value}:${action(complete)}`}`)}`;
}

function argumentSpec({ name, optional, many, complete }: Argument, at: number): string {
  const position = many ? '*' : String(at + 1);
  return quoted(`${position}:${optional && !many ? ':' : ''}${name.replaceAll(':', '\\:')}:${action(complete)}`);
}

function action(complete: Completion | undefined): string {
  if (complete === undefined) return ' ';
  if (complete === 'archive') return '_varve_archives';
  if (complete === 'file') return '_files';
  if (complete === 'folder') return '_files -/';
  return `(${complete.join(' ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
