import { setTimeout as sleep } from 'node:timers/promises';
import { VarveError } from '../../src/base/errors.ts';
import type { Log } from '../../src/base/log.ts';
import type { DaemonControl, DaemonState, DaemonStatus, EventLine, EventQuery, NewDescription, SyncPoint } from '../../src/serve/types.ts';

/** A daemon that watches nothing: what is behind the API in tests of the API. It records what it was asked. */
export class FakeDaemon implements DaemonControl {
  state: DaemonState = 'watching';
  /** Called by `stop`, once. */
  onStop: () => void = () => undefined;
  /** How many events there are to read, and how many have been read. */
  eventCount = 3;
  given = 0;
  /** What was asked of `events` last, and whether that stream has ended. */
  query: EventQuery | undefined;
  ended = false;
  /** Sync points under way. The status tells them as errors, so that a test can see them from another process. */
  waiting = 0;
  /** What it was told last that something is. */
  description: NewDescription | undefined;
  /** What it was told last not to watch any more. */
  unwatched: readonly string[] | undefined;
  /** What `status` fails with. */
  failure: Error | undefined;

  async status(): Promise<DaemonStatus> {
    if (this.failure !== undefined) throw this.failure;
    return {
      state: this.state,
      pid: process.pid,
      started: '2026-03-01T17:00:00.000Z',
      version: '1.2.3',
      store: '/stores/main',
      catalogue: { path: '/home/ann/catalogue.db', bytes: 5 << 20 },
      memoryBytes: 120 << 20,
      roots: [
        {
          path: '/home/ann',
          nodes: 12_345,
          scanned: 12_345,
          hashed: 9_000,
          unhashed: 3_345,
          kept: 8_999,
          bytes: 3 * 2 ** 30,
          gaps: 0,
          watcher: 'fanotify',
          scanning: false,
          missing: false,
          unwatched: [],
        },
        {
          ...{
            path: '/srv/my files',
            nodes: 10,
            scanned: 4,
            hashed: 0,
            unhashed: 6,
            kept: 0,
            bytes: 1 << 20,
            gaps: 1,
            watcher: 'inotify',
            scanning: true,
            missing: false,
          },
          unwatched: [
            { reason: 'watch limit', code: 'WATCH_LIMIT', directories: 1200 },
            { reason: 'not watchable', code: 'WATCH_UNSUPPORTED', directories: 1 },
          ],
        },
      ],
      work: { toScan: 6, toHash: 3_345, hashRate: 50 << 20, etaMs: 65_000 },
      errors: this.waiting,
    };
  }

  async pause(): Promise<void> {
    this.state = 'paused';
  }

  async continue(): Promise<void> {
    this.state = 'watching';
  }

  async stop(): Promise<void> {
    this.state = 'stopping';
    this.onStop();
  }

  async describe(description: NewDescription): Promise<void> {
    this.description = description;
  }

  async unwatch(paths: readonly string[]): Promise<void> {
    this.unwatched = paths;
  }

  /** Given at once, unless paused: then never, since nothing is observed. */
  async syncPoint(signal: AbortSignal): Promise<SyncPoint> {
    this.waiting++;
    try {
      while (this.state === 'paused') {
        signal.throwIfAborted();
        await sleep(5);
      }
    } finally {
      this.waiting--;
    }
    return { token: 'point:1', unwatched: [] };
  }

  async *events(query: EventQuery, signal: AbortSignal): AsyncGenerator<EventLine> {
    this.query = query;
    this.ended = false;
    try {
      if (query.path === '/gone')
        throw new VarveError('NOT_FOUND', 'there is no /gone in the catalogue', { advice: 'Look with: varve ls' });
      for (let id = 1; id <= this.eventCount && !signal.aborted; id++) {
        this.given = id;
        yield { id, time: '2026-03-01T17:00:00.000000000Z', kind: 'modified', origin: 'live', path: `/home/ann/${'x'.repeat(100)}/${id}` };
      }
      while (query.follow && !signal.aborted) await sleep(5);
    } finally {
      this.ended = true;
    }
  }
}

/** A log that can be looked at. */
export function listLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, write: (level, message) => lines.push(`${level}: ${message}`) };
}
