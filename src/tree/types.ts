import type { ByteName } from '../base/names.ts';
import type { ProgressListener } from '../base/progress.ts';
import type { Ref } from '../block/types.ts';
import type { Digest } from '../hash/types.ts';

/** The kinds of entries (T1). `hardlink` and `whiteout` occur in overlays and imports; `save` gives linked files a common `identity` instead. */
export type EntryKind = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'character' | 'block' | 'hardlink' | 'whiteout';

/** A point in time: whole seconds since 1970 (negative before), and nanoseconds in [0, 1e9) after that second. */
export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Who owns an entry, by number and, where known when saved, by name. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly user?: string;
  readonly group?: string;
}

/** An extended attribute: full name (`user.comment`, `system.posix_acl_access`) and value. */
export interface Xattr {
  readonly name: ByteName;
  readonly value: Uint8Array;
}

/**
 * A named item of a directory. What cannot apply to a kind is absent: only files and directories have `content`, only symlinks a
 * `target`, only devices a `device`, only directories a `summary`.
 */
export interface Entry {
  readonly name: ByteName;
  readonly kind: EntryKind;
  /** Permission bits with setuid, setgid and sticky: mode & 0o7777. */
  readonly mode: number;
  readonly owner: Owner;
  readonly mtime: Time;
  /** A file's bytes; a directory's top node (always a block ref). */
  readonly content?: Ref;
  readonly target?: ByteName;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Sorted by name. Absent when there are none. */
  readonly xattrs?: readonly Xattr[];
  /** 16 bytes shared by all entries of one tree that are hard links to one file. */
  readonly identity?: Uint8Array;
  /** What lies below a directory, all levels: number of entries that are not directories, and the sum of their sizes. */
  readonly summary?: { readonly files: number; readonly bytes: number };
  /** The file changed each time it was read: its content may never have existed as a whole. */
  readonly torn?: boolean;
  readonly mimeType?: string;
  /** The root entry that held this file's previous version (per-file history that travels with the tree). */
  readonly previous?: Digest;
  /** Observed, not restorable; only kept when asked for, since they make equal trees unequal. */
  readonly ctime?: Time;
  readonly btime?: Time;
}

/** One revision of an archive (T6), as its NDJSON line says it. Unknown fields are kept in `more`. */
export interface Revision {
  /** When the save began: ISO 8601 in UTC with nanoseconds or milliseconds. */
  readonly time: string;
  /** Text digest of the root entry block. */
  readonly tree: string;
  readonly files: number;
  readonly bytes: number;
  readonly host: string;
  readonly user: string;
  /** The absolute path that was saved, as `showName` shows it. */
  readonly source?: string;
  readonly note?: string;
  readonly tags?: readonly string[];
  /** A pinned revision is never dropped by `forget`. */
  readonly pinned?: boolean;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Something that went wrong with one item while the rest went on; leads to exit status 3. */
export interface ItemError {
  /** Legible path (see `showName`). */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface SaveOptions {
  /** gitignore-style patterns. */
  readonly excludes?: readonly string[];
  /** Files with gitignore-style patterns. */
  readonly excludeFrom?: readonly string[];
  /** Honour `.varveignore` files found on the way; default true. */
  readonly ignoreFiles?: boolean;
  /** Leave out the content of directories tagged by CACHEDIR.TAG; default true. */
  readonly skipCaches?: boolean;
  readonly oneFileSystem?: boolean;
  readonly minFileBytes?: number;
  readonly maxFileBytes?: number;
  /** Only files modified at or after / before this time, milliseconds since 1970. */
  readonly newerThanMs?: number;
  readonly olderThanMs?: number;
  /** Also record change and birth times. */
  readonly observedTimes?: boolean;
  /** Read every file even if the file cache knows it. */
  readonly readAll?: boolean;
  readonly note?: string;
  readonly tags?: readonly string[];
  /** Worker threads; default one per core. 0: all in this thread. */
  readonly threads?: number;
  readonly dryRun?: boolean;
  readonly onProgress?: ProgressListener;
  readonly onError?: (error: ItemError) => void;
  /**
   * Told of each path below the source that the next save has to look at, with all that is below it, although nothing may seem to have changed there: what failed, was torn, or had
   * changed so shortly before it was read that a further change need not show.
   */
  readonly onDoubt?: (path: ByteName) => void;
  readonly signal?: AbortSignal;
}

export interface SaveReport {
  /** Text digest of the saved tree. */
  readonly tree: string;
  readonly archive: string;
  /** Time of the revision, as in `Revision.time`. */
  readonly time: string;
  /** Entries that are not directories, and the sum of their sizes. */
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  /** Files whose content was read, and their sizes. */
  readonly readFiles: number;
  readonly readBytes: number;
  /** Bytes of blocks that the store did not have, before and after compression. */
  readonly newBytes: number;
  readonly storedBytes: number;
  readonly errors: readonly ItemError[];
  readonly elapsedMs: number;
}

export interface RestoreOptions {
  /** Remove what is in the target but not in the tree. */
  readonly delete?: boolean;
  /** Folders, by their identity (`folderIdentity`), that stay with everything in them although the tree does not have them. */
  readonly staying?: ReadonlySet<string>;
  readonly dryRun?: boolean;
  /** gitignore-style patterns of what to restore; everything when empty. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Read back every restored file and compare it with the tree. */
  readonly verify?: boolean;
  /** Do not trust (size, mtime) of files that are in the target already; compare content. */
  readonly checksum?: boolean;
  readonly threads?: number;
  readonly onProgress?: ProgressListener;
  readonly onError?: (error: ItemError) => void;
  /** Told of every change made (or, with dryRun, to be made). */
  readonly onChange?: (change: RestoreChange) => void;
  readonly signal?: AbortSignal;
}

export interface RestoreChange {
  readonly action: 'create' | 'update' | 'metadata' | 'delete';
  readonly kind: EntryKind;
  readonly path: string;
}

export interface RestoreReport {
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  /** Metadata that the platform or the user's rights did not allow, and other failures of single items. */
  readonly errors: readonly ItemError[];
  readonly elapsedMs: number;
}

export interface VerifyOptions {
  /** Read only this part of the records, chosen at random: 0 < sample ≤ 1. */
  readonly sample?: number;
  /** Go on where a run was interrupted: what that has found sound is not read once more. */
  readonly resume?: boolean;
  readonly threads?: number;
  readonly onProgress?: ProgressListener;
  readonly onProblem?: (problem: VerifyProblem) => void;
  readonly signal?: AbortSignal;
}

/** One thing that verify found wrong. */
export interface VerifyProblem {
  readonly kind: 'header' | 'segment' | 'record' | 'block' | 'index' | 'archive' | 'missing' | 'tree';
  /** The file of the store, or the reference, in which it was found. */
  readonly where: string;
  readonly message: string;
  /** True when it was mended on the spot, or harms nothing that is kept. */
  readonly harmless: boolean;
}

/** A file, by archive, revision and path, that cannot be read whole any more. */
export interface TouchedFile {
  readonly archive: string;
  readonly time: string;
  readonly path: string;
}

export interface VerifyReport {
  readonly segments: number;
  readonly records: number;
  readonly blocks: number;
  readonly bytes: number;
  readonly revisions: number;
  readonly problems: readonly VerifyProblem[];
  readonly touched: readonly TouchedFile[];
  /** Of a resumed run: when the first one began, and bytes of records that were found sound before. */
  readonly resumed?: { readonly begun: string; readonly skippedBytes: number };
  /** Segments in which anything is damaged. */
  readonly damagedSegments: number;
  /** Whether those are condemned now: what is saved again is stored anew then. False where the store cannot be written to. */
  readonly condemned: boolean;
  readonly elapsedMs: number;
}

export interface CollectOptions {
  readonly dryRun?: boolean;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface CollectReport {
  /** Blocks that something needs, and the others. */
  readonly liveBlocks: number;
  readonly deadBlocks: number;
  readonly deadBytes: number;
  /** Segments removed (with dryRun: that would be removed), and what stood in them and was kept. */
  readonly removedSegments: number;
  readonly movedBlocks: number;
  /** What became free on the disk, net of what was moved. */
  readonly freedBytes: number;
  /** Segments that wait for sessions which began before they were condemned. */
  readonly waitingSegments: number;
  /** Damaged segments that are kept, since something that is needed stands nowhere else. */
  readonly damagedSegments: number;
  /** Segments that could not be emptied for lack of space, and about how much is needed to go on. */
  readonly crowdedSegments: number;
  readonly neededBytes: number;
  readonly elapsedMs: number;
}
