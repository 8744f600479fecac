import { DaemonClient } from '../../serve/client.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  description: [
    'Waits until the daemon has observed every change that was made before this command began, and prints a token that names this moment. What is asked of the catalogue afterwards knows of those changes, and varve events --since TOKEN lists what has happened since.',
  ],
  arguments: [],
  options: {},
  json: 'One object: token.',
  interrupted: 'Nothing was changed.',
  examples: [
    { command: 'varve sync-point', about: 'Wait until all changes so far are known' },
    { command: 'varve events --since "$(varve sync-point)" --follow', about: 'What happens from this moment on' },
    { command: 'make && varve sync-point --quiet', about: 'The same behind a build, in a script' },
  ],
  async run({ output, folders, signal }) {
    const point = await new DaemonClient(folders.stateDir).syncPoint(signal);
    output.result({ token: point.token }, () => [point.token]);
  },
});
