import { DaemonClient } from '../../serve/client.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  description: [
    'Ends scanning and hashing until varve continue. Changes are noted meanwhile as ever, so nothing is missed; a daemon that is started anew is not paused.',
  ],
  arguments: [],
  options: {},
  json: 'One object: state, as of varve status.',
  examples: [
    { command: 'varve pause', about: 'Keep the disk for something else for a while' },
    { command: 'varve pause && make -j8; varve continue', about: 'Have a build go undisturbed' },
  ],
  async run({ output, folders }) {
    const daemon = new DaemonClient(folders.stateDir);
    await daemon.pause();
    const { state } = await daemon.status();
    output.result({ state }, () => (output.quiet ? [] : ['The daemon rests. Let it go on with: varve continue']));
  },
});
