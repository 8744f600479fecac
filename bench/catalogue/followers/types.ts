/** A program that follows what happens in a folder. */
export interface Follower {
  /** Resolves when everything that has happened so far is known to it. */
  sync(): Promise<void>;
  /** Resolves when it shows the file `name` of the folder itself. Called after the file was made. */
  sees(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A kind of follower. */
export interface FollowerKind {
  readonly name: string;
  /** The Debian package that brings it; undefined for Varve itself. */
  readonly debianPackage: string | undefined;
  /** Prints its version, where it is here. */
  readonly version: readonly [string, ...string[]];
  /** Resolves when it follows the folder. Everything that it writes stays in `home`. */
  start(folder: string, home: string): Promise<Follower>;
}
