import type { Folders } from '../base/config/folders.ts';
import { foldersOf } from '../base/config/folders.ts';
import type { Config } from '../base/config/types.ts';
import { UsageError } from '../base/errors.ts';
import type { Store } from '../store/types.ts';
import type { ReferenceContext } from '../tree/resolve-reference.ts';
import type { DamagedLine } from '../tree/revision-line.ts';
import type { NamedCommand } from './command-description.ts';
import { EXIT } from './failure.ts';
import type { GlobalValues } from './options.ts';
import { counted } from './output/amounts.ts';
import type { Output } from './output/output.ts';
import type { Stores } from './stores.ts';

/** What surrounds a command while it runs. What takes time to get is got when it is first asked for. */
export class Context {
  readonly output: Output;
  readonly folders: Folders = foldersOf();
  /** Every command, for what is made of all of them. */
  readonly loadCommands: () => Promise<readonly NamedCommand[]>;
  readonly #globals: GlobalValues;
  readonly #listen: () => AbortSignal;
  #config: Config | undefined;
  #stores: Stores | undefined;
  #status: number = EXIT.done;

  constructor(globals: GlobalValues, output: Output, listen: () => AbortSignal, loadCommands: Context['loadCommands']) {
    this.loadCommands = loadCommands;
    this.#globals = globals;
    this.output = output;
    this.#listen = listen;
  }

  /** Aborted by Ctrl-C. */
  get signal(): AbortSignal {
    return this.#listen();
  }

  /** Throws ConfigError. */
  async config(): Promise<Config> {
    if (this.#config !== undefined) return this.#config;
    const { loadConfig } = await import('../base/config/load.ts');
    this.#config = await loadConfig(this.#globals.set.map(overrideOf));
    return this.#config;
  }

  async stores(): Promise<Stores> {
    if (this.#stores === undefined) {
      const { Stores } = await import('./stores.ts');
      this.#stores = new Stores(await this.config());
    }
    return this.#stores;
  }

  /** What `--store` says; undefined leaves it to the configuration. */
  get storeSpecification(): string | undefined {
    return this.#globals.store;
  }

  /** The store of a specification, else the one that this command is to use. */
  async openStore(specification: string | undefined = this.#globals.store): Promise<Store> {
    return (await this.stores()).open(specification);
  }

  /** For looking up references. */
  readonly references: ReferenceContext = {
    openStore: (specification) => this.openStore(specification),
    onDamagedLines: (archive, damaged) => this.damagedLines(archive, damaged),
  };

  /** Lines of an archive cannot be read, which the rest of the work does without. */
  damagedLines(archive: string, damaged: readonly DamagedLine[]): void {
    const [first] = damaged;
    if (first === undefined) return;
    this.partial();
    const lines = `${counted(damaged.length, 'line')} of the archive cannot be read: ${first.problem}`;
    const advice = damaged.every(({ isNewer }) => isNewer) ? '' : '. Mend it with: varve archives --repair';
    this.output.itemError({ path: archive, code: 'DAMAGED_ARCHIVE', message: `${lines}${advice}` });
  }

  /** Some of the work failed while the rest was done: exit status 3. */
  partial(): void {
    if (this.#status === EXIT.done) this.#status = EXIT.partial;
  }

  /** The command has said itself what failed. */
  failed(): void {
    this.#status = EXIT.failed;
  }

  /** The exit status, once the command has run without throwing. */
  get status(): number {
    return this.#status;
  }

  async close(): Promise<void> {
    await this.#stores?.close();
  }
}

function overrideOf(assignment: string): { key: string; text: string; option: string } {
  const equals = assignment.indexOf('=');
  if (equals < 1) throw new UsageError(`--set needs KEY=VALUE, not ${JSON.stringify(assignment)}`, 'Keys are listed by: varve config show');
  const key = assignment.slice(0, equals);
  return { key, text: assignment.slice(equals + 1), option: `--set ${key}` };
}
