import { UsageError } from '../../base/errors.ts';
import { defineCommand } from '../command.ts';
import type { NamedCommand } from '../command-description.ts';

const SHELLS = ['bash', 'zsh', 'fish'];

export default defineCommand({
  description: ['Prints completions of commands, options, archives and files for a shell. They are made from the same source as help.'],
  arguments: [{ name: 'SHELL', about: 'bash, zsh or fish', complete: SHELLS }],
  options: {},
  examples: [
    { command: 'source <(varve completions bash)', about: 'Use them now; put this line into ~/.bashrc to keep them' },
    { command: 'varve completions fish > ~/.config/fish/completions/varve.fish', about: 'Keep them for fish' },
  ],
  async run(context, [shell = '']) {
    const { output } = context;
    // What the scripts themselves call.
    if (shell === 'archives') {
      for (const name of await (await context.openStore()).archives()) output.line(name);
      return;
    }
    output.line((await scriptFor(shell, context.loadCommands)).trimEnd());
  },
});

async function scriptFor(shell: string, loadCommands: () => Promise<readonly NamedCommand[]>): Promise<string> {
  switch (shell) {
    case 'bash':
      return (await import('../help/completions-bash.ts')).bashCompletions(await loadCommands());
    case 'zsh':
      return (await import('../help/completions-zsh.ts')).zshCompletions(await loadCommands());
    case 'fish':
      return (await import('../help/completions-fish.ts')).fishCompletions(await loadCommands());
    default:
      throw new UsageError(`there are no completions for ${JSON.stringify(shell)}`, `There are for ${SHELLS.join(', ')}.`);
  }
}
