import { PackedReader } from '../../sys/packed-entries.ts';
import type { DirectoryKey } from '../../sys/watch/types.ts';
import { stateOfRecord } from '../look/states.ts';
import type { NodeId } from '../types.ts';
import { isSameFile } from '../write/difference.ts';
import type { FailureRows } from '../write/failures.ts';
import type { Writer } from '../write/writer.ts';
import type { FreshLooks } from './fresh-looks.ts';
import type { ListingTarget, ListingWriter } from './listing-writer.ts';
import type { ListedDirectory, ScanReply } from './messages.ts';
import type { ScanUnderWay } from './scans.ts';

/** What a ScanWriter works with. */
export interface ScanWriterParts {
  readonly writer: Writer;
  readonly listings: ListingWriter;
  readonly looks: FreshLooks;
  readonly failures: FailureRows;
  /** A directory bears this key in events. */
  readonly onKey: (key: DirectoryKey, id: NodeId) => void;
  /** A directory has to be listed again. */
  readonly again: (id: NodeId) => void;
  /** These directories will be listed by the scan that has met them. */
  readonly onListing: (children: readonly ListingTarget[]) => void;
  /** A directory was not where it was thought to be. */
  readonly onMissing: (id: NodeId) => void;
}

/** Brings the batches of scanning threads into the catalogue, each in the transaction of its caller. */
export class ScanWriter {
  readonly #parts: ScanWriterParts;
  /** Entries that were compared since this object was made. */
  scanned = 0;

  constructor(parts: ScanWriterParts) {
    this.#parts = parts;
  }

  apply({ records, directories, failures, missing }: ScanReply, scan: ScanUnderWay, now: bigint): void {
    for (const { directory, name, code, call } of failures) {
      const target = scan.directories.get(directory);
      if (target !== undefined) this.#parts.failures.note(target.id, name, { code, call }, now);
    }
    for (const listed of directories) {
      const target = scan.directories.get(listed.directory);
      scan.directories.delete(listed.directory);
      if (target !== undefined) this.#list(target, listed, records.subarray(listed.from, listed.to), scan, now);
    }
    for (const directory of missing) {
      const target = scan.directories.get(directory);
      scan.directories.delete(directory);
      if (target !== undefined) this.#parts.onMissing(target.id);
    }
  }

  #list(
    target: ListingTarget,
    { firstChild, startedMs, key }: ListedDirectory,
    records: Uint8Array<ArrayBuffer>,
    scan: ScanUnderWay,
    now: bigint,
  ): void {
    const { listings, looks, onKey, onListing, again } = this.#parts;
    if (!target.isFresh && !this.#isStillThat(target.id, records, scan, now)) {
      this.#parts.onMissing(target.id);
      return;
    }
    if (key !== undefined) onKey(key as DirectoryKey, target.id);
    const cause = scan.origin === undefined ? undefined : { origin: scan.origin, time: now };
    const children = listings.write(target, { records, startedMs }, cause, now);
    this.scanned += children.length;
    if (looks.isDoubtful(target.id, startedMs)) again(target.id);
    if (!scan.recursive) return;
    for (const [at, child] of children.entries()) if (child !== undefined) scan.directories.set(firstChild + at, child);
    onListing(children.filter((child) => child !== undefined));
  }

  /** Whether what was listed is the directory of the node: its path may have come to lead to another. What it says of itself is taken over. */
  #isStillThat(id: NodeId, records: Uint8Array<ArrayBuffer>, scan: ScanUnderWay, now: bigint): boolean {
    const { writer } = this.#parts;
    writer.rows.flush();
    const node = writer.rows.get(id);
    const reader = new PackedReader(records);
    reader.next();
    const own = stateOfRecord(reader);
    if (node === undefined || own === undefined || !isSameFile(node, own)) return false;
    writer.change(node, own, { origin: scan.origin ?? 'scan', time: now });
    return true;
  }
}
