import type { IncomingMessage } from 'node:http';
import { FormatError, hasErrno, VarveError } from '../base/errors.ts';
import { fromNodeError } from '../sys/errno.ts';
import { DaemonGoneError, DaemonNotRunningError } from './errors.ts';
import { writeEventQuery } from './event-query.ts';
import { fromNdjson } from './ndjson.ts';
import { ROUTES, UNKNOWN_ROUTE } from './routes.ts';
import { openSocketPath, socketFile } from './socket-path.ts';
import type { DaemonControl, DaemonStatus, EventLine, EventQuery, NewDescription, SyncPoint } from './types.ts';
import { fromWire } from './wire-error.ts';

/** Importing the module would load all that it exports, WebSockets among it: 30 ms in place of 4. */
const { request } = process.getBuiltinModule('node:http');

/** Without it Node finds out whether the host is an address, and compiles an expression of 5 ms for that. */
const NO_SERVER_NAME = { servername: '' };

/** For what a daemon answers at once, however busy it is. */
const PATIENCE_MS = 10_000;
/** Far above the status of thousands of roots. */
const LONGEST_ANSWER_BYTES = 16 << 20;

/**
 * The daemon of a home, seen from another process. Methods reject with DaemonNotRunningError where there is none, with DaemonGoneError when it ends while it is
 * being asked, and with the errors of the daemon itself.
 *
 * It loads nothing but Node's client, since every command that asks the daemon pays for that.
 */
export class DaemonClient implements DaemonControl {
  readonly #stateDir: string;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  async status(): Promise<DaemonStatus> {
    return (await this.#ask('GET', ROUTES.status)) as DaemonStatus;
  }

  async pause(): Promise<void> {
    await this.#ask('POST', ROUTES.pause);
  }

  async continue(): Promise<void> {
    await this.#ask('POST', ROUTES.continue);
  }

  async stop(): Promise<void> {
    await this.#ask('POST', ROUTES.stop);
  }

  async syncPoint(signal: AbortSignal): Promise<SyncPoint> {
    return (await this.#ask('POST', ROUTES.syncPoint, signal)) as SyncPoint;
  }

  async describe(description: NewDescription): Promise<void> {
    await this.#ask('POST', ROUTES.describe, undefined, description);
  }

  async unwatch(paths: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#ask('POST', ROUTES.unwatch, signal, { paths });
  }

  async *events(query: EventQuery, signal: AbortSignal): AsyncGenerator<EventLine> {
    try {
      const response = await this.#open('GET', `${ROUTES.events}?${writeEventQuery(query)}`, signal);
      for await (const line of fromNdjson(response)) {
        const error = fromWire(line);
        if (error !== undefined) throw error;
        yield line as EventLine;
      }
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  /** One request and its whole answer. Without a signal the daemon is to answer soon. */
  async #ask(method: 'GET' | 'POST', path: string, signal?: AbortSignal, body?: object): Promise<unknown> {
    if (signal === undefined) return this.#askSoon(method, path, body);
    try {
      return await readJson(await this.#open(method, path, signal, body));
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  async #askSoon(method: 'GET' | 'POST', path: string, body: object | undefined): Promise<unknown> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(silent()), PATIENCE_MS);
    try {
      return await this.#ask(method, path, patience.signal, body);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves with the head of an answer that is no error. */
  async #open(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: object): Promise<IncomingMessage> {
    signal.throwIfAborted();
    using socket = openSocketPath(this.#stateDir);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // This listener stays: a connection that is broken off behind the head tells the request as well.
      request({
        socketPath: socket.path,
        method,
        path,
        agent: false,
        signal,
        ...NO_SERVER_NAME,
        headers: { host: 'varve', ...(body !== undefined && { 'content-type': 'application/json' }) },
      })
        .on('error', reject)
        .on('response', resolve)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (response.statusCode === 200) return response;
    throw fromWire(await readJson(response)) ?? new FormatError("the daemon's answer", `status ${response.statusCode} without a reason`);
  }

  /** What a failure means, of a request that ends with `signal`. */
  #explain(error: unknown, signal: AbortSignal): unknown {
    if (error instanceof VarveError) return error.code === UNKNOWN_ROUTE ? otherVersion(error) : error;
    if (signal.aborted) return signal.reason;
    if (hasErrno(error, 'ENOENT', 'ECONNREFUSED')) return new DaemonNotRunningError(error);
    if (hasErrno(error, 'ECONNRESET', 'EPIPE')) return new DaemonGoneError(error);
    return fromNodeError(error, socketFile(this.#stateDir));
  }
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER_BYTES) throw new FormatError("the daemon's answer", 'it is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new FormatError("the daemon's answer", 'it is no JSON');
  }
}

function silent(): VarveError {
  return new VarveError('DAEMON_SILENT', `the daemon has not answered for ${PATIENCE_MS / 1000} s`, {
    advice: 'Its log, varve.log, may say why. If it stays so, end its process: nothing that was recorded is lost.',
  });
}

function otherVersion(cause: Error): VarveError {
  return new VarveError('DAEMON_VERSION', 'the daemon that runs here is of another version, which does not know this request', {
    advice: 'Start it anew with: varve stop && varve start',
    cause,
  });
}
