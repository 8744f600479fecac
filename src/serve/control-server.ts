import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { VarveError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { fromNodeError } from '../sys/errno.ts';
import { controlApi } from './control-api.ts';
import { DaemonStoppingError } from './errors.ts';
import type { HomeLock } from './home-lock.ts';
import { openSocketPath, type SocketPath, socketFile } from './socket-path.ts';
import type { DaemonControl } from './types.ts';

/** An address holds a path of any length, percent-encoded. */
const HEADER_LIMIT_BYTES = 128 * 1024;
const MOST_CONNECTIONS = 256;
/** Requests under way when the server closes have so long to be answered. */
const CLOSING_MS = 300;
const OWNER_ALONE = 0o600;

/** The daemon's API on the socket of its home, for whoever may open it: its user, and root. */
export class ControlServer {
  readonly #server: Server;
  readonly #socket: SocketPath;
  readonly #stopping: AbortController;
  #closed: Promise<void> | undefined;

  private constructor(server: Server, socket: SocketPath, stopping: AbortController) {
    this.#server = server;
    this.#socket = socket;
    this.#stopping = stopping;
  }

  /**
   * Answers at the socket from when this resolves. `lock` is the home's, to be held until after `close`: it is what allows to remove the socket that a killed daemon
   * left behind.
   */
  static async listen(control: DaemonControl, lock: HomeLock, log: Log): Promise<ControlServer> {
    const stopping = new AbortController();
    const { fetch } = controlApi(control, log, stopping.signal);
    const server = createServer({ maxHeaderSize: HEADER_LIMIT_BYTES }, getRequestListener(fetch));
    server.maxConnections = MOST_CONNECTIONS;
    removeStaleSocket(socketFile(lock.stateDir));
    const socket = openSocketPath(lock.stateDir);
    try {
      await bind(server, socket.path);
      fs.chmodSync(socket.path, OWNER_ALONE);
      return new ControlServer(server, socket, stopping);
    } catch (error) {
      server.close();
      socket[Symbol.dispose]();
      throw fromNodeError(error, socketFile(lock.stateDir));
    }
  }

  /** Takes no more requests, ends streams and what else may take long, and removes the socket. Bounded in time; a second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#stopping.abort(new DaemonStoppingError());
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSING_MS);
    await closed;
    clearTimeout(timer);
    // Node removes the socket by the path it was bound to: not before that may the path lead elsewhere.
    this.#socket[Symbol.dispose]();
  }
}

/** Nobody else may connect at any moment. Node binds before `listen` returns, so nothing but the socket is made under this mask. */
function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    const before = process.umask(0o077);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
  });
}

function removeStaleSocket(file: string): void {
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new VarveError('SOCKET_PLACE', `${file} is in the way of the daemon's socket, and no socket itself`, {
      advice: 'Move it away and start again.',
    });
  }
  fs.unlinkSync(file);
}
