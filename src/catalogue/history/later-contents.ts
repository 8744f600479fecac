import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { digestKey } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { reading } from '../rows.ts';
import { decodeState } from '../state-codec.ts';

/** So many of those that had a place are asked: with the same content again and again, there may be any number. */
const MOST_ASKED = 200;

/** The row of an event by which something ended. */
export interface Deletion {
  readonly id: SQLOutputValue;
  readonly fromParent: SQLOutputValue;
  readonly fromName: SQLOutputValue;
  readonly before: SQLOutputValue;
}

/**
 * What came to the place of a file that was deleted. Most editors save a file by putting another one in its place, so its versions are those of several nodes. What one of them held before it left again counts; what
 * it had held before that does not, so there may be more than are counted here.
 */
export class LaterContents {
  readonly #departures: StatementSync;
  readonly #present: StatementSync;

  constructor(database: DatabaseSync) {
    this.#departures = reading(
      database,
      `SELECT before FROM event INDEXED BY event_from WHERE fromParent = ? AND fromName = ? AND id > ? ORDER BY id LIMIT ${MOST_ASKED}`,
    );
    this.#present = reading(database, 'SELECT digest FROM node WHERE parent = ? AND name = ?');
  }

  /** How often the place of a deletion had another content since then; no more than `most`. */
  count(deletion: Deletion, most: number): number {
    let last = keyOf(digestIn(deletion));
    let count = 0;
    if (most === 0) return count;
    for (const digest of this.#since(deletion)) {
      const key = keyOf(digest);
      if (key === '' || key === last) continue;
      last = key;
      if (++count === most) break;
    }
    return count;
  }

  *#since({ id, fromParent, fromName }: Deletion): Generator<Uint8Array | undefined> {
    for (const row of this.#departures.iterate(fromParent, fromName, id) as unknown as Iterable<Deletion>) yield digestIn(row);
    yield (this.#present.get(fromParent, fromName)?.digest ?? undefined) as Uint8Array | undefined;
  }
}

function digestIn({ before }: Pick<Deletion, 'before'>): Uint8Array | undefined {
  return before === null ? undefined : decodeState(before as Uint8Array).digest;
}

function keyOf(digest: Uint8Array | undefined): string {
  return digest === undefined ? '' : digestKey(digest as Digest);
}
