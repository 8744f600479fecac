import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../base/names.ts';
import type { Subject } from '../catalogue/describe/types.ts';
import { History } from '../catalogue/history/history.ts';
import { stateOfStat } from '../catalogue/look/states.ts';
import { nodeAt } from '../catalogue/questions/places.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import { lastName, parentPath } from '../tree/view.ts';
import { NotInCatalogueError } from './known-place.ts';
import { type KnownOwners, ownershipOf } from './open-owners.ts';

/** What types of files are told by at least. */
const LEAST_HEAD_BYTES = 4096;

/**
 * What is known of a path for describing it: from the catalogue, where it is watched, and from the disk, where it is there; so many bytes of its beginning. Throws
 * NotInCatalogueError when it is in neither.
 */
export function subjectAt(database: DatabaseSync, path: ByteName, owners: KnownOwners, headBytes: number): Subject {
  const id = nodeAt(database, path);
  const node = id === undefined ? undefined : new History(database).node(id);
  const state = stateOnDisk(path) ?? node;
  if (state === undefined) throw new NotInCatalogueError(path);
  return {
    path,
    kind: state.kind,
    node: id,
    owner: ownershipOf(database, owners).ownerOf(path),
    digest: node?.digest,
    sizeBytes: state.size,
    head: state.kind === 'file' ? headOf(path, Math.max(LEAST_HEAD_BYTES, headBytes)) : undefined,
  };
}

function stateOnDisk(path: ByteName): ReturnType<typeof stateOfStat> {
  try {
    using directory = system().openDirectory(path === '/' ? path : ((parentPath(path) || '/') as ByteName));
    const stat = new Stat();
    directory.stat(path === '/' ? ('.' as ByteName) : lastName(path), stat);
    return stateOfStat(stat);
  } catch {
    return undefined;
  }
}

/** Undefined where it cannot be read. What has become of the name since it was looked at, a pipe above all, must not be waited for. */
function headOf(path: ByteName, bytes: number): Uint8Array | undefined {
  try {
    const fd = openSync(nameToBytes(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const head = Buffer.alloc(bytes);
      return head.subarray(0, readSync(fd, head, 0, bytes, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
