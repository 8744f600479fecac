import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Readable, Writable } from 'node:stream';
import { openForReading } from '../../../src/catalogue/database.ts';
import type { WatcherKind } from '../../../src/sys/watch/types.ts';
import { bundleModules } from '../../../tools/bundle.ts';
import type { ServiceFigures } from '../service-process.ts';
import { Lines } from './lines.ts';
import type { Follower, FollowerKind } from './types.ts';

const SOURCE = join(import.meta.dirname, '../service-process.ts');
const BUNDLED = join(import.meta.dirname, '../../../build/bench');
export const SERVICE = join(BUNDLED, 'service-process.js');

/** Bundles the service as a daemon is: from its sources, every thread would hold a compiler too, of some fifty megabytes. */
export function bundleService(): Promise<void> {
  return bundleModules({ 'service-process': SOURCE }, BUNDLED);
}

/** How long nobody looks between two looks at the catalogue, so that looking takes no core. */
const LOOK_MS = 0.25;

type Service = ChildProcessByStdio<Writable, Readable, null>;

/** A catalogue in a process of its own, looked at as every other program looks at it: through a connection that only reads. */
export class VarveFollower implements Follower {
  readonly database: DatabaseSync;
  readonly #service: Service;
  readonly #lines: Lines;

  private constructor(service: Service, lines: Lines, database: DatabaseSync) {
    this.#service = service;
    this.#lines = lines;
    this.database = database;
  }

  static async start(kind: WatcherKind, folder: string, home: string): Promise<VarveFollower> {
    mkdirSync(home, { recursive: true });
    const file = join(home, 'catalogue.db');
    const service = spawn(process.execPath, [SERVICE, file, folder, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = new Lines(service.stdout);
    await lines.next();
    const database = openForReading(file);
    if (database === undefined) throw new Error(`there is no ${file}`);
    return new VarveFollower(service, lines, database);
  }

  async sync(): Promise<void> {
    await this.figures();
  }

  /** What the service costs; everything that has happened so far is known to it. */
  async figures(): Promise<ServiceFigures> {
    const answer = this.#lines.next();
    this.#service.stdin.write('\n');
    return JSON.parse(await answer) as ServiceFigures;
  }

  async sees(name: string): Promise<void> {
    const find = this.database.prepare('SELECT 1 FROM node WHERE parent = (SELECT node FROM root) AND name = CAST(? AS BLOB)');
    while (find.get(name) === undefined) Atomics.wait(never, 0, 0, LOOK_MS);
  }

  async close(): Promise<void> {
    this.database.close();
    const ended = once(this.#service, 'exit');
    this.#service.stdin.end();
    await ended;
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));

export function varveFollower(kind: WatcherKind): FollowerKind {
  return {
    name: kind === 'fanotify' ? 'varve' : `varve (${kind})`,
    debianPackage: undefined,
    version: [process.execPath, '--version'],
    start: (folder, home) => VarveFollower.start(kind, folder, home),
  };
}
