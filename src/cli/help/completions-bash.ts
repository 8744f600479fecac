import type { Completion, NamedCommand } from '../command-description.ts';
import { allOptions, flagsOf } from './option-words.ts';

/** Completions for bash 4.4 or newer, without the package bash-completion. */
export function bashCompletions(commands: readonly NamedCommand[]): string {
  const valued = commands.flatMap((command) =>
    allOptions(command)
      .filter(({ value }) => value !== undefined)
      .map((option) => ({ command, option })),
  );
  const patterns = (command: NamedCommand, flags: readonly string[]) => flags.map((flag) => `${command.name}:${flag}`).join('|');
  return `# Completions of varve for bash. Load them with: source <(varve completions bash)
_varve_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_varve_archives() { compopt -o nospace; mapfile -t COMPREPLY < <(varve completions archives 2>/dev/null | grep -F -- "$cur" | while IFS= read -r name; do [[ $name == "$cur"* ]] && printf '%q\\n' "$name"; done); }
_varve_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }
_varve_folders() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); }
_varve() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command='' at position=0
  COMPREPLY=()
  [[ $cur == : || $before == : ]] && return
  for ((at = 1; at < COMP_CWORD; at++)); do
    case $command:\${COMP_WORDS[at]} in
      :--store|:--set${valued.map(({ command, option }) => `|${patterns(command, flagsOf(option))}`).join('')}) ((at++)) ;;
      *:-?*) ;;
      :*) command=\${COMP_WORDS[at]} ;;
      *) ((position++)) ;;
    esac
  done
  if [[ -z $command ]]; then
    _varve_words '${['help', ...commands.map(({ name }) => name), '--help', '--version'].join(' ')}'
    return
  fi
  case $command:$before in
${valued.map(({ command, option }) => `    ${patterns(command, flagsOf(option))}) ${action(option.complete)}; return ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${commands.map((command) => `      ${command.name}) _varve_words '${allOptions(command).flatMap(flagsOf).join(' ')}' ;;`).join('\n')}
    esac
    return
  fi
  case $command:$position in
    help:0) _varve_words '${commands.map(({ name }) => name).join(' ')}' ;;
${commands.flatMap((command) => command.arguments.map(({ complete, many }, i) => `    ${command.name}:${many ? '*' : i}) ${action(complete)} ;;`)).join('\n')}
  esac
}
complete -F _varve varve
`;
}

function action(complete: Completion | undefined): string {
  if (complete === undefined) return ':';
  if (complete === 'archive') return '_varve_archives';
  if (complete === 'file') return '_varve_files';
  if (complete === 'folder') return '_varve_folders';
  return `_varve_words '${complete.join(' ')}'`;
}
