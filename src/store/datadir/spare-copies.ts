import { KEY_BYTES, type Location } from './index/row.ts';
import type { Layout } from './layout.ts';
import { scanAll } from './listing.ts';
import { listSegments } from './segment-file.ts';

/**
 * Copies of blocks that stand in segments beside the one that the index names: of writers that added the same block at the same time, and of collections that were
 * interrupted. The index keeps one place of each block; the others are looked for, by reading the heads of all records, when that one turns out to be damaged or gone.
 */
export class SpareCopies {
  readonly #locations = new Map<string, Location[]>();

  /** `locate` says which copy the index names. */
  constructor(layout: Layout, hashBytes: number, locate: (hash: Uint8Array) => Location | undefined) {
    for (const { segment, record } of scanAll(layout, listSegments(layout).values(), hashBytes)) {
      for (const [block, { hash }] of record.table.entries()) {
        const named = locate(hash);
        if (named?.segment === segment.id && named.offset === record.offset && named.block === block) continue;
        const location = { segment: segment.id, offset: record.offset, recordBytes: record.recordBytes, block };
        const known = this.#locations.get(keyOf(hash));
        if (known === undefined) this.#locations.set(keyOf(hash), [location]);
        else known.push(location);
      }
    }
  }

  of(hash: Uint8Array): readonly Location[] {
    return this.#locations.get(keyOf(hash)) ?? [];
  }
}

function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, KEY_BYTES).toString('latin1');
}
