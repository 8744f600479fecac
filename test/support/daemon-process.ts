/** The process of a fake daemon: has the home, answers at its socket, and says `ready`. Started by tests with the state folder as argument. */

import { describeFailure } from '../../src/cli/failure.ts';
import { ControlServer } from '../../src/serve/control-server.ts';
import { HomeLock } from '../../src/serve/home-lock.ts';
import { FakeDaemon, listLog } from './fake-daemon.ts';

try {
  const lock = await HomeLock.take(process.argv[2] as string);
  const daemon = new FakeDaemon();
  const server = await ControlServer.listen(daemon, lock, listLog());
  const end = async () => {
    await server.close();
    lock.release();
    process.exit(0);
  };
  daemon.onStop = () => setImmediate(end);
  process.on('SIGTERM', end);
  console.log('ready');
} catch (error) {
  const { message, advice, status } = describeFailure(error);
  console.error(`${message}\n${advice}`);
  process.exit(status);
}
