import type { ByteName } from '../../base/names.ts';
import type { BlockRef } from '../../block/types.ts';
import { kindOfType } from '../../sys/stat.ts';
import type { Entries } from '../../sys/types.ts';
import type { DirectoryReader } from '../directory-reader.ts';
import type { Entry } from '../types.ts';
import { StoredTree } from '../view.ts';
import { walk } from '../walk.ts';
import { type ChangePlan, WHOLE } from './changes.ts';

/**
 * A directory that was saved before: what it was, and what of it may have changed since. Rejects with the errors of the earlier tree's store, or FormatError.
 */
export class KnownDirectory {
  readonly reader: DirectoryReader;
  /** As it was. */
  readonly content: BlockRef;
  readonly #plan: ChangePlan;

  constructor(reader: DirectoryReader, content: BlockRef, plan: ChangePlan) {
    this.reader = reader;
    this.content = content;
    this.#plan = plan;
  }

  /** Whether everything has to be looked at, and nothing may be taken over. */
  get isWhole(): boolean {
    return this.#plan.isWhole;
  }

  /** Whether it has to be listed to know which names to look at. */
  get isListed(): boolean {
    return this.#plan.isListed || this.#plan.isWhole;
  }

  /** The names to look at, sorted, where that is not all: what may differ, and given a listing, what has come, gone, or become of another kind. */
  async names(listed: Entries | undefined): Promise<ByteName[]> {
    const names = new Set(this.#plan.below.keys());
    if (listed !== undefined) {
      const types = new Map(listed.names.map((name, i) => [name, listed.types[i] as number]));
      for await (const batch of this.reader.entries(this.content)) {
        for (const { name, kind } of batch) {
          const type = types.get(name);
          if (type === undefined || kindOfType(type) !== kind) names.add(name);
          types.delete(name);
        }
      }
      for (const name of types.keys()) names.add(name);
    }
    return [...names].sort();
  }

  /** The entries of those names, or all, as they were. */
  async entries(names?: readonly ByteName[]): Promise<Map<ByteName, Entry>> {
    const found = new Map<ByteName, Entry>();
    const add = (entry: Entry | undefined) => entry && found.set(entry.name, entry);
    if (names !== undefined) for (const name of names) add(await this.reader.lookup(this.content, name));
    else for await (const batch of this.reader.entries(this.content)) batch.forEach(add);
    return found;
  }

  /** A subdirectory, of which that entry is what it was; undefined when there was none. */
  below(entry: Entry | undefined): KnownDirectory | undefined {
    if (entry?.kind !== 'directory') return undefined;
    const plan = this.isWhole ? undefined : this.#plan.below.get(entry.name);
    return new KnownDirectory(this.reader, entry.content as BlockRef, plan ?? WHOLE);
  }

  /** Everything in it and below, as it was, with paths that begin with `path`, in batches. */
  everything(entry: Entry, path: ByteName): ReturnType<typeof walk> {
    return walk(new StoredTree(this.reader.source, entry), { from: { path, entry } });
  }
}
