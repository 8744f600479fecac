import { UsageError } from '../../base/errors.ts';
import { loadAllCommands } from '../catalogue.ts';
import { defineCommand } from '../command.ts';

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
    output.line((await scriptFor(shell)).trimEnd());
  },
});

async function scriptFor(shell: string): Promise<string> {
  switch (shell) {
    case 'bash':
      return (await import('../help/completions-bash.ts')).bashCompletions(await loadAllCommands());
    case 'zsh':
      return (await import('../help/completions-zsh.ts')).zshCompletions(await loadAllCommands());
    case 'fish':
      return (await import('../help/completions-fish.ts')).fishCompletions(await loadAllCommands());
    default:
      throw new UsageError(`there are no completions for ${JSON.stringify(shell)}`, `There are for ${SHELLS.join(', ')}.`);
  }
}
