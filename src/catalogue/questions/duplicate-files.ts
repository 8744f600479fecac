import type { DatabaseSync } from 'node:sqlite';
import type { Digest } from '../../hash/types.ts';
import type { NodeId } from '../types.ts';
import { FILE_TYPE } from './entry-types.ts';
import type { FoundGroup } from './found-group.ts';
import type { Places } from './places.ts';

/** So many groups are looked up at once at first, and at most. */
const FIRST_BATCH = 8;
const LARGEST_BATCH = 512;

/** A digest that several nodes have. */
type Bound = [node: NodeId, size: number, waste: number, digest: Digest];
type Member = [group: number, node: NodeId, parent: NodeId, name: string, device: number, inodeHigh: number, inodeLow: number];

/**
 * Files of at least `minBytes` that have their digest in common, several links to one file counted once, of those whose folder is accepted; `places` learns where
 * they are. In batches; what comes later wastes `mostLeft` at the most.
 */
export function* fileGroups(
  database: DatabaseSync,
  minBytes: number,
  accepts: (parent: NodeId) => boolean,
  places: Places,
): Generator<{ readonly groups: FoundGroup[]; readonly mostLeft: number }> {
  // The index of digests alone tells which are there several times. If none of those were links of each other, they would waste this.
  const bounds = database.prepare(
    `SELECT any, size, size * (copies - 1) AS waste, several.digest FROM (
       SELECT digest, min(id) AS any, count(*) AS copies FROM node INDEXED BY node_digest WHERE digest IS NOT NULL GROUP BY digest HAVING count(*) > 1
     ) AS several CROSS JOIN node ON node.id = any WHERE size >= ? ORDER BY waste DESC`,
  );
  bounds.setReturnArrays(true);
  const all = bounds.all(minBytes) as unknown as Bound[];
  const members = database.prepare(
    `SELECT wanted.key, other.id, other.parent, CAST(other.name AS TEXT), other.device, other.inode >> 32, other.inode & 0xffffffff
     FROM json_each(?) AS wanted CROSS JOIN node AS one ON one.id = wanted.value
     CROSS JOIN node AS other INDEXED BY node_digest ON other.digest = one.digest AND other.digest IS NOT NULL
     WHERE other.kind = ${FILE_TYPE} ORDER BY wanted.key, other.id`,
  );
  members.setReturnArrays(true);
  for (let at = 0, count = FIRST_BATCH; at < all.length; at += count, count = Math.min(count * 2, LARGEST_BATCH)) {
    const batch = all.slice(at, at + count);
    const nodes = batch.map(() => new Map<string, NodeId>());
    for (const row of members.iterate(JSON.stringify(batch.map(([node]) => node)))) {
      const [group, node, parent, name, device, high, low] = row as unknown as Member;
      const files = nodes[group] as Map<string, NodeId>;
      const file = `${device} ${high} ${low}`;
      if (files.has(file) || !accepts(parent)) continue;
      files.set(file, node);
      places.learn(node, parent, name);
    }
    const groups: FoundGroup[] = [];
    for (const [i, [, size, , digest]] of batch.entries()) {
      const files = [...(nodes[i] as Map<string, NodeId>).values()];
      if (files.length > 1) groups.push({ kind: 'file', digest, size, waste: size * (files.length - 1), nodes: files });
    }
    yield { groups, mostLeft: all[at + count]?.[2] ?? 0 };
  }
}
