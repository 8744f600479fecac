import { DaemonClient } from '../../serve/client.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  description: ['Lets the daemon scan and hash again after varve pause. A daemon that is not paused goes on as it did.'],
  arguments: [],
  options: {},
  json: 'One object: state, as of varve status.',
  examples: [
    { command: 'varve continue', about: 'End a pause' },
    { command: 'varve continue && varve status', about: 'End a pause, and see what there is to do' },
  ],
  async run({ output, folders }) {
    const daemon = new DaemonClient(folders.stateDir);
    await daemon.continue();
    const { state } = await daemon.status();
    output.result({ state }, () => (output.quiet ? [] : ['The daemon goes on.']));
  },
});
