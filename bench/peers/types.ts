/** A command line, started without a shell. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** One way of using one tool: the same tool with other settings is another peer. Everything it writes stays inside `home`. */
export interface Peer {
  readonly name: string;
  /** How it is set, for the reader of the table. */
  readonly settings: string;
  /** The Debian package that brings it; undefined for Varve itself. */
  readonly debianPackage: string | undefined;
  readonly version: Command;
  /** Makes an empty store under `home`; its time does not count. */
  init?(home: string): Command;
  /** Saves `source` as revision number `revision`, counted from 1. */
  save(home: string, source: string, revision: number): Command;
  /** Restores the first revision into `target`, an empty folder. */
  restore(home: string, target: string): Command;
  /** Where in `target` the saved `source` then lies. */
  restored(target: string, source: string): string;
  /** Reads and checks all data of the store; absent where the tool cannot. */
  verify?(home: string): Command;
  /** The folder that counts as the store's size. */
  store(home: string): string;
}
