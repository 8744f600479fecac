import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { WatcherKind } from '../../src/sys/watch/types.ts';

const PROGRAM = fileURLToPath(new URL('./catalogue-process.ts', import.meta.url));

export interface StartedOptions {
  readonly database: string;
  readonly roots: readonly string[];
  readonly watcher: WatcherKind | 'none';
  /** A command that runs the program: it is followed by that and its arguments. */
  readonly within?: readonly string[];
}

/** A catalogue in a process of its own. */
export class StartedCatalogue {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor(context: TestContext, { database, roots, watcher, within = [] }: StartedOptions) {
    const command = [...within, process.execPath, '--disable-warning=ExperimentalWarning', PROGRAM, database, watcher, ...roots];
    this.#process = spawn(command[0] as string, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = once(this.#process, 'exit');
    this.#process.stdin?.on('error', () => undefined);
    this.#answers = createInterface(this.#process.stdout as NonNullable<ChildProcess['stdout']>)[Symbol.asyncIterator]();
    context.after(() => this.kill());
  }

  /** Resolves when the program has answered. Rejects when it ended instead. */
  async ask(what: 'start' | 'sync' | 'compare'): Promise<void> {
    this.#process.stdin?.write(`${what}\n`);
    assert.deepEqual(await this.#answers.next(), { done: false, value: what });
  }

  /** What of its roots is not watched. */
  async unwatched(): Promise<{ readonly reason: string; readonly directories: number }[]> {
    this.#process.stdin?.write('unwatched\n');
    return JSON.parse((await this.#answers.next()).value);
  }

  /** Stops it in the middle of whatever it does, or lets it go on. */
  halt(isHalted: boolean): void {
    this.#process.kill(isHalted ? 'SIGSTOP' : 'SIGCONT');
  }

  /** `kill -9`, unless it has ended. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends it in an orderly way. */
  async end(): Promise<void> {
    this.#process.stdin?.end();
    assert.deepEqual(await this.#ended, [0, null]);
  }
}
