import fs from 'node:fs';
import { join } from 'node:path';
import { VarveError } from '../base/errors.ts';

const NAME = 'daemon.sock';
/** `sun_path` of unix(7) has 108 bytes on Linux and 104 on the BSDs; the last one is a NUL. */
const LONGEST_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
const DESCRIPTORS = '/proc/self/fd';

/** A path by which this process can bind the daemon's socket or connect to it. It leads there until it is closed. */
export interface SocketPath extends Disposable {
  /** For the kernel. */
  readonly path: string;
}

/** Where the socket is, for people and for the file system. */
export function socketFile(stateDir: string): string {
  return join(stateDir, NAME);
}

/**
 * The socket of a home, however long the path of that is: one that does not fit the kernel's address leads through an open descriptor of the folder. Throws
 * ENOENT when the folder is not there, and VarveError where the system has no such way.
 */
export function openSocketPath(stateDir: string): SocketPath {
  const file = socketFile(stateDir);
  if (Buffer.byteLength(file) <= LONGEST_PATH_BYTES) return { path: file, [Symbol.dispose]() {} };
  if (!fs.existsSync(DESCRIPTORS)) {
    throw new VarveError('SOCKET_PATH', `the path of the daemon's socket is too long for this system: ${file}`, {
      advice: 'Set VARVE_HOME to a folder with a shorter path.',
    });
  }
  const fd = fs.openSync(stateDir, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  return { path: `${DESCRIPTORS}/${fd}/${NAME}`, [Symbol.dispose]: () => fs.closeSync(fd) };
}
