import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type ByteName, nameFromBytes, showName } from '../../src/base/names.ts';
import { type Change, type FileState, type Monitor, type MonitorOptions, monitor } from '../../src/monitor/index.ts';
import { stateText, walkDisk } from './live-catalogue.ts';

/** A tree as somebody knows it who has nothing but the changes that a monitor told. */
export class Replay {
  readonly states = new Map<ByteName, FileState>();

  /** Fails unless the change fits to what was told before. */
  apply({ pathBytes, fromBytes, old, new: now }: Change): void {
    const path = nameFromBytes(pathBytes);
    assert.deepEqual(old, this.states.get(path), `what was at ${showName(path)}`);
    assert.equal(old === undefined && now === undefined, false, 'something is told');
    if (old?.kind === 'directory' && (now?.kind !== 'directory' || fromBytes !== undefined))
      for (const below of this.states.keys()) assert.ok(!below.startsWith(`${path}/`), `${showName(below)} goes before ${showName(path)}`);
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/'))) as ByteName;
    assert.ok(parent === '' || this.states.get(parent)?.kind === 'directory', `${showName(parent)} comes before ${showName(path)}`);
    if (fromBytes !== undefined) this.#move(nameFromBytes(fromBytes), path);
    if (now === undefined) this.states.delete(path);
    else this.states.set(path, now);
  }

  /** Fails unless an independent walk finds the same. Of the inodes `linked` only that they are there is compared: of a change, the kernel tells under one of their names. */
  assertEquals(top: string, linked: ReadonlySet<bigint> = new Set()): void {
    const disk = walkDisk(top);
    const differences: string[] = [];
    for (const [path, state] of disk) {
      const known = this.states.get(path);
      const text = known && stateText({ ...known, mtime: known.mtimeNs, ctime: known.ctimeNs });
      if (text !== state && !(known !== undefined && linked.has(known.inode)))
        differences.push(`${showName(path)}: disk ${state}, told ${text}`);
    }
    for (const path of this.states.keys()) if (!disk.has(path)) differences.push(`only told: ${showName(path)}`);
    assert.deepEqual(differences, []);
  }

  #move(from: ByteName, to: ByteName): void {
    assert.ok(this.states.has(from), `${showName(from)} was told`);
    for (const [path, state] of [...this.states]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.states.delete(path);
      this.states.set((to + path.slice(from.length)) as ByteName, state);
    }
  }
}

/** A monitor that somebody iterates all the time; it ends with the test. */
export class Monitored {
  readonly monitor: Monitor;
  readonly replay = new Replay();
  /** Settles when the iteration ends. */
  readonly ended: Promise<void>;
  /** How many changes were told. */
  count = 0;
  #changes: Change[] = [];

  constructor(context: TestContext, top: string, options: MonitorOptions) {
    this.monitor = monitor(top, options);
    this.ended = this.#follow();
    this.ended.catch(() => undefined);
    context.after(() => this.monitor.close());
  }

  /** What was told since this was asked last, of everything that was done by now: `+ path`, `- path`, `M path`, `from → path`. */
  async told(): Promise<string[]> {
    await this.monitor.sync();
    const told = this.#changes.map(shown);
    this.#changes = [];
    return told;
  }

  async #follow(): Promise<void> {
    for await (const change of this.monitor) {
      this.replay.apply(change);
      this.#changes.push(change);
      this.count++;
    }
  }
}

function shown({ path, from, old, new: now }: Change): string {
  if (from !== undefined) return `${from} → ${path}`;
  if (old === undefined) return `+ ${path}`;
  return now === undefined ? `- ${path}` : `M ${path}`;
}
