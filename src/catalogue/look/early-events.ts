import type { ByteName } from '../../base/names.ts';
import type { DirectoryKey } from '../../sys/watch/types.ts';
import type { Writer } from '../write/writer.ts';
import type { DirectoryKeys } from './directory-keys.ts';

/** Some five megabytes. Of what is beyond, it stays unknown who did it. */
const MOST = 50_000;

/** Who has changed names in a directory, and when the kernel first told of any. */
interface Early {
  readonly time: bigint;
  readonly pids: Map<ByteName, number>;
}

/**
 * Who has changed names in directories that were not known when the kernel told of it. A scan lists such a directory with all that is in it; when everything is listed, what was found is given to them.
 */
export class EarlyEvents {
  readonly #directories = new Map<DirectoryKey, Early>();
  #count = 0;

  add(directory: DirectoryKey, name: ByteName, pid: number, time: bigint): void {
    if (pid === 0 || this.#count >= MOST) return;
    const early = this.#directories.get(directory) ?? { time, pids: new Map() };
    this.#directories.set(directory, early);
    // Who came first has made it; all that followed is one event with that.
    if (early.pids.has(name)) return;
    early.pids.set(name, pid);
    this.#count++;
  }

  /** Within a transaction: tells the writer of those that were found, and forgets all. Not in between: to find out which directories are known by now costs more than the rest of a listing. */
  tell(writer: Writer, keys: DirectoryKeys, processOf: (pid: number) => number | undefined): void {
    const processes = new Map<number, number | undefined>();
    for (const [key, { time, pids }] of this.#directories) {
      const parent = keys.directoryOf(key);
      if (parent === undefined) continue;
      for (const [name, pid] of pids) {
        const node = writer.rows.idAt({ parent, name });
        if (node === undefined) continue;
        if (!processes.has(pid)) processes.set(pid, processOf(pid));
        writer.journal.told(node, processes.get(pid), time);
      }
    }
    this.#directories.clear();
    this.#count = 0;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }
}
