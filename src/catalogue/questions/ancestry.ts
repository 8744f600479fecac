import type { DatabaseSync } from 'node:sqlite';
import type { NodeId } from '../types.ts';
import { DIRECTORY_TYPE } from './entry-types.ts';

/** Whether nodes lie below, or are, one of some folders; asked upward once for each folder. */
export class Ancestry {
  readonly #known = new Map<NodeId, boolean>();
  readonly #isAny: boolean;
  readonly #parent;

  constructor(database: DatabaseSync, folders: ReadonlySet<NodeId>) {
    for (const folder of folders) this.#known.set(folder, true);
    this.#isAny = folders.size > 0;
    this.#parent = database.prepare(`SELECT parent FROM node WHERE id = ? AND kind = ${DIRECTORY_TYPE}`);
  }

  isBelow(node: NodeId): boolean {
    if (!this.#isAny) return false;
    const way: NodeId[] = [];
    let found: boolean | undefined;
    for (let at = node; found === undefined; ) {
      found = this.#known.get(at);
      if (found !== undefined) break;
      way.push(at);
      const parent = this.#parent.get(at)?.parent as NodeId | undefined;
      if (parent === undefined || parent <= 0) found = false;
      else at = parent;
    }
    for (const each of way) this.#known.set(each, found);
    return found;
  }
}
