import type { ByteName } from '../../base/names.ts';
import { PackedReader } from '../../sys/packed-entries.ts';
import type { DirectoryKey } from '../../sys/watch/types.ts';
import { stateOfRecord } from '../look/states.ts';
import type { NodeId } from '../types.ts';
import { isSameFile } from '../write/difference.ts';
import type { FailureRows } from '../write/failures.ts';
import type { Writer } from '../write/writer.ts';
import type { FreshLooks } from './fresh-looks.ts';
import { type FoundListing, isFreshDirectory, type ListingTarget, type ListingWriter } from './listing-writer.ts';
import type { ScanReply, Unwatched } from './messages.ts';
import type { ScanUnderWay } from './scans.ts';

/** What a ScanWriter works with. */
export interface ScanWriterParts {
  readonly writer: Writer;
  readonly listings: ListingWriter;
  readonly looks: FreshLooks;
  readonly failures: FailureRows;
  /** A directory bears this key in events. */
  readonly onKey: (key: DirectoryKey, id: NodeId) => void;
  /** Whether events will come of a directory that was listed: undefined if so, else why not. Its row can be read. */
  readonly onListed: (id: NodeId, unwatched: Unwatched | undefined) => void;
  /** A directory could not be listed (`isWhole`), or some of its names not be looked at. */
  readonly onUnseen: (id: NodeId, isWhole: boolean) => void;
  /** Something is mounted on a directory, which was therefore not listed. Its row can be read. */
  readonly onMount: (target: ListingTarget, scan: ScanUnderWay) => void;
  /** A directory has to be listed again. */
  readonly again: (id: NodeId) => void;
  /** These directories will be listed by the scan that has met them. */
  readonly onListing: (children: readonly ListingTarget[]) => void;
  /** A directory was not where it was thought to be. */
  readonly onMissing: (id: NodeId) => void;
}

const SELF = '.' as ByteName;

/** Brings the batches of scanning threads into the catalogue, each in the transaction of its caller. */
export class ScanWriter {
  readonly #parts: ScanWriterParts;
  /** Entries that were compared since this object was made. */
  scanned = 0;

  constructor(parts: ScanWriterParts) {
    this.#parts = parts;
  }

  apply({ records, directories, failures, missing, mounts }: ScanReply, scan: ScanUnderWay, now: bigint): void {
    const unseen = new Map<number, Set<ByteName>>();
    for (const { directory, name } of failures) unseen.set(directory, (unseen.get(directory) ?? new Set()).add(name));
    const known = new Map<number, ListingTarget>();
    for (const listed of directories) {
      const target = scan.directories.get(listed.directory);
      scan.directories.delete(listed.directory);
      if (target !== undefined && unseen.has(listed.directory)) known.set(listed.directory, target);
      this.scanned += listed.entries;
      if (target === undefined) continue;
      const record = new PackedReader(records.subarray(listed.from, listed.to));
      // The first one is the directory itself.
      record.next();
      this.#list(target, { listed, record, unseen: unseen.get(listed.directory) }, scan, now);
    }
    // A directory that could not be listed itself is known by the listing of the one above, which may have come in the same batch.
    for (const { directory, name, code, call, startedMs } of failures) {
      const target = known.get(directory) ?? scan.directories.get(directory);
      if (target === undefined) continue;
      // It may have become possible since.
      if (this.#isLookedAtSince(target.id, name, startedMs)) this.#parts.again(target.id);
      this.#parts.failures.note(target.id, name, { code, call }, now);
      this.#parts.onUnseen(target.id, name === SELF);
      const child = name === SELF ? undefined : this.#parts.writer.rows.at({ parent: target.id, name });
      if (child?.kind === 'directory') this.#parts.onUnseen(child.id, true);
    }
    if (mounts.length > 0) this.#parts.writer.rows.flush();
    for (const directory of mounts) {
      const target = scan.directories.get(directory);
      scan.directories.delete(directory);
      if (target !== undefined) this.#parts.onMount(target, scan);
    }
    for (const directory of missing) {
      const target = scan.directories.get(directory);
      scan.directories.delete(directory);
      if (target !== undefined) this.#parts.onMissing(target.id);
    }
  }

  #isLookedAtSince(directory: NodeId, name: ByteName, sinceMs: number): boolean {
    const { looks, writer } = this.#parts;
    if (name !== SELF) return looks.has(directory, name, sinceMs);
    writer.rows.flush();
    const node = writer.rows.get(directory);
    return looks.hasItself(directory, sinceMs) || (node !== undefined && looks.has(node.parent, node.name, sinceMs));
  }

  #list(target: ListingTarget, found: FoundListing, scan: ScanUnderWay, now: bigint): void {
    const { failures, listings, looks, onKey, onListed, onListing, again, writer } = this.#parts;
    const { listed, record } = found;
    const { id, fresh } = target;
    const isThat = fresh === undefined ? this.#isStillThat(id, record, listed.startedMs, scan, now) : isFreshDirectory(fresh, record);
    if (!isThat) {
      this.#parts.onMissing(target.id);
      return;
    }
    const { firstChild, startedMs, key, unwatched } = listed;
    if (key !== undefined) onKey(key as DirectoryKey, target.id);
    if (unwatched !== undefined) writer.rows.flush();
    onListed(target.id, unwatched);
    const cause = scan.origin === undefined ? undefined : { origin: scan.origin, time: now };
    const directories = listings.write(target, found, cause, now);
    if (failures.has(target.id)) {
      writer.rows.flush();
      failures.listed(target.id, found.unseen, (name) => writer.rows.at({ parent: target.id, name }) !== undefined);
    }
    if (looks.isDoubtful(target.id, startedMs)) again(target.id);
    if (!scan.recursive) return;
    looks.noteEntered(target.id, startedMs);
    for (const [at, child] of directories.entries()) if (child !== undefined) scan.directories.set(firstChild + at, child);
    onListing(directories.filter((child) => child !== undefined));
  }

  /**
   * Whether what was listed is the directory of the node: its path may have come to lead to another. What it says of itself is taken over, unless somebody has looked
   * at it since it was listed, or listed the one above.
   */
  #isStillThat(id: NodeId, record: PackedReader, startedMs: number, scan: ScanUnderWay, now: bigint): boolean {
    const { writer, looks, again } = this.#parts;
    writer.rows.flush();
    const node = writer.rows.get(id);
    const own = stateOfRecord(record);
    if (node === undefined || own === undefined || !isSameFile(node, own)) return false;
    if (looks.isDoubtful(node.parent, startedMs)) again(id);
    else if (
      !looks.has(node.parent, node.name, startedMs) &&
      !looks.hasItself(id, startedMs) &&
      !looks.isListedAfter(node.parent, startedMs)
    )
      writer.change(node, own, { origin: scan.origin ?? 'scan', time: now });
    return true;
  }
}
