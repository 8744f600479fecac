import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';

/** Numbers of nodes that one transaction looks at, of which some are directories: about a millisecond. */
const BATCH_NODES = 500;

/**
 * Writes down what the sums of every directory are now, where they are not what they were the last time; of one that is gone, zeros. What `sizesOf` answers for times whose
 * events were dropped is as fine as this was called often: once a day. To be called by the writer, outside of a transaction; yields after each one of its own.
 */
export function* keepSums(database: DatabaseSync, now: bigint): Generator<void> {
  const last = 'SELECT max(time) FROM summary WHERE directory =';
  const present = database.prepare(`
    INSERT OR REPLACE INTO summary SELECT node, :now, size, disk, files, directories FROM directory AS present
    WHERE node > :from AND node <= :to AND NOT EXISTS (
      SELECT 1 FROM summary WHERE directory = present.node AND time = (${last} present.node)
        AND size = present.size AND disk = present.disk AND files = present.files AND directories = present.directories)`);
  const gone = database.prepare(`
    INSERT OR REPLACE INTO summary SELECT directory, :now, 0, 0, 0, 0 FROM summary AS past
    WHERE directory > :from AND directory <= :to AND time = (${last} past.directory) AND (size OR disk OR files OR directories)
      AND NOT EXISTS (SELECT 1 FROM directory WHERE node = past.directory)`);
  const end = database.prepare(
    'SELECT max(coalesce((SELECT max(node) FROM directory), 0), coalesce((SELECT max(directory) FROM summary), 0)) AS id',
  );
  const newest = Number(end.get()?.id);
  for (let from = 0; from < newest; from += BATCH_NODES) {
    inTransaction(database, () => {
      for (const statement of [present, gone]) statement.run({ now, from, to: from + BATCH_NODES });
    });
    yield;
  }
}
