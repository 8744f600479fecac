import type { ByteName } from '../base/names.ts';
import type { FileKind } from '../sys/stat.ts';

/**
 * The catalogue: what is known of the live trees (roots) and of their past, in one SQLite database. One thread writes it (`Writer`); any number of
 * threads and processes read it, each answer from one snapshot.
 *
 * Numbers stored: kinds are directory entry types (`mode >> 12`, see sys/stat.ts), times nanoseconds since 1970, sizes bytes, disk usage units of 512 bytes.
 */

/** Number of a node: a file or directory of a root. Never used again, also when the node is gone; a move keeps it. */
export type NodeId = number;

/** How a change came to be known: from the kernel as it happened, by comparing a scan with what was known, or written by synchronisation. */
export type Origin = 'live' | 'scan' | 'sync';
export const ORIGINS: readonly Origin[] = ['live', 'scan', 'sync'];

/**
 * What happened to a node. `attributes`: mode, owner or link count, with the same content. `rotted`: the content differs and neither size nor times
 * say so. `unwatched`: its root is not watched any more; of what became of it since, nothing is known. `found`: known since the first scan of its root; it is the first version of such a node and no event.
 */
export type EventKind = 'created' | 'modified' | 'attributes' | 'moved' | 'deleted' | 'rotted' | 'unwatched';
export const EVENT_KINDS: readonly EventKind[] = ['created', 'modified', 'attributes', 'moved', 'deleted', 'rotted', 'unwatched'];
/** Those behind which the node has no row any more. */
export type EndKind = Extract<EventKind, 'deleted' | 'unwatched'>;

export function isEnd(kind: EventKind | undefined): kind is EndKind {
  return kind === 'deleted' || kind === 'unwatched';
}

/** What the catalogue knows of a node at one moment, but for its place. */
export interface NodeState {
  readonly kind: FileKind;
  readonly size: number;
  /** In units of 512 bytes. */
  readonly disk: number;
  readonly mtime: bigint;
  readonly ctime: bigint;
  /** Birth time; 0 where the file system keeps none. */
  readonly born: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** major × 2^32 + minor, as in `Stat.dev`. */
  readonly device: number;
  readonly inode: bigint;
  readonly links: number;
  /** Of the content, as a binary multihash; undefined while it is not known. */
  readonly digest: Uint8Array | undefined;
}

/** Where a node is: a name in a directory. The top of a root stands under its whole path in directory 0. */
export interface Place {
  readonly parent: NodeId;
  readonly name: ByteName;
}

/** A node as it is now. */
export interface CatalogueNode extends NodeState, Place {
  readonly id: NodeId;
}

/** The parent of the tops of roots. */
export const NO_DIRECTORY: NodeId = 0;

/**
 * The parent of nodes that left their place during a scan that has not met them elsewhere yet. Their name is their number, the
 * number of the directory that they left, and their name there, with slashes between. At its end they are gone.
 */
export const LIMBO: NodeId = -1;

/** Sums over everything below a directory, the directory itself included in `disk` alone. Each file of several links below counts for each. */
export interface DirectorySums {
  /** Of files, in bytes. More than a number holds where there are huge sparse files: in questions it is read AS REAL, near enough. */
  readonly size: bigint;
  readonly disk: number;
  readonly files: number;
  readonly directories: number;
  /** Files whose digest is not known. */
  readonly unhashed: number;
}

/** Why a node is written: how its change came to be known, and when. */
export interface Cause {
  readonly origin: Origin;
  /** In ns since 1970. */
  readonly time: bigint;
  /** Row of `process`, where the kernel says who it was. */
  readonly process?: number;
}
