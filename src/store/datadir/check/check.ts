import fs from 'node:fs';
import path from 'node:path';
import { decodeCheckedJson, readCheckedJson } from '../../../base/checked-json.ts';
import { FormatError } from '../../../base/errors.ts';
import { readWhole } from '../../../base/read-whole.ts';
import { system } from '../../../sys/system.ts';
import { DigestTable } from '../../digest-table.ts';
import { readCondemned } from '../condemned.ts';
import type { Datadir } from '../datadir.ts';
import { KEY_BYTES } from '../index/row.ts';
import { readAt } from '../read-at.ts';
import { checkSegmentHeader, listSegments, openSegment, SEGMENT_HEADER_BYTES, type SegmentFile } from '../segment-file.ts';
import { type ScannedRecord, scanSegment } from '../segment-scan.ts';
import type { CheckedSegments } from './checked-segments.ts';
import { RecordChecker } from './checker.ts';

/** Something wrong with a file of the store. `harmless`: it was mended on the spot, or nothing that is kept can depend on it. */
export interface StoreProblem {
  readonly kind: 'header' | 'segment' | 'record' | 'index' | 'archive';
  readonly where: string;
  readonly message: string;
  readonly harmless: boolean;
}

export interface CheckOptions {
  readonly sample?: number;
  /** What need not be read once more; what is read is added to it. */
  readonly checked?: CheckedSegments;
  readonly threads?: number;
  readonly onProblem: (problem: StoreProblem) => void;
  readonly onBytes?: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface CheckResult {
  readonly segments: number;
  /** Segments that the index knows and that are not there: lost, or removed by a collector that did not come to the index any more. */
  readonly missingSegments: readonly string[];
  /** Segments in which something is damaged, by their ids. */
  readonly damagedSegments: readonly string[];
  /** What is wrong with segments that were condemned already, and not told: it harms nothing when all that revisions need is sound elsewhere. */
  readonly condemnedProblems: readonly StoreProblem[];
  readonly records: number;
  readonly blocks: number;
  /** Bytes of blocks that were read and had their digest computed. */
  readonly bytes: number;
  /** Bytes of records that need not be read, since they had been before. */
  readonly skippedBytes: number;
  /** Blocks of which at least one sound copy was found, by the first KEY_BYTES of their hashes. With `sample`, tables are believed for what was not read. */
  readonly sound: DigestTable;
}

/**
 * Checks everything of a datadir that can be checked without knowing what blocks mean: headers, every record's checksums, every block's digest, and the
 * index against the segments. What the index lacks or has wrong is made again from the segments.
 */
export async function checkDatadir(store: Datadir, options: CheckOptions): Promise<CheckResult> {
  checkHeaders(store, options);
  const indexed = checkIndex(store, options);
  const files = [...listSegments(store.layout).values()];
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const missing = [...indexed].filter(([id, end]) => end > SEGMENT_HEADER_BYTES && !files.some((file) => file.id === id));
  const condemned = new Set(readCondemned(store.layout.condemned).segments);
  const damaged = new Set<string>();
  const condemnedProblems: StoreProblem[] = [];
  const onDamage = (segment: string, problem: StoreProblem) => {
    damaged.add(segment);
    if (condemned.has(segment)) condemnedProblems.push(problem);
    else options.onProblem(problem);
  };
  const copies = new CopyCount();
  const count = { records: 0, blocks: 0, bytes: 0, skippedBytes: 0 };
  let doneBytes = 0;
  const checker = new RecordChecker(store.hash, totalBytes, options.threads, (file, { damages, rawBytes }) => {
    count.bytes += rawBytes;
    for (const { offset, problem, hashes } of damages) {
      onDamage(path.parse(file).name, { kind: 'record', where: `${file} at byte ${offset}`, message: problem, harmless: false });
      for (let at = 0; at < hashes.length; at += store.hash.hashBytes) copies.lost(hashes, at);
    }
  });
  try {
    for (const file of files) {
      const names = [store.layout.closed(file.id), store.layout.growing(file.id)];
      const checkedEnd = options.checked?.endOf(file.id) ?? 0;
      let end = 0;
      for (const { offset, recordBytes, table } of soundHeads(store, file, indexed.get(file.id) ?? 0, options.onProblem, onDamage)) {
        options.signal?.throwIfAborted();
        count.records++;
        count.blocks += table.length;
        for (const { hash } of table) copies.found(hash);
        end = offset + recordBytes;
        if (end <= checkedEnd) count.skippedBytes += recordBytes;
        else if (options.sample === undefined || Math.random() < options.sample) await checker.add(names, offset, recordBytes);
        doneBytes += recordBytes;
        options.onBytes?.(doneBytes, totalBytes);
      }
      await checker.afterThese(() => {
        if (!damaged.has(file.id)) options.checked?.add(file.id, end);
      });
    }
    await checker.finish();
  } finally {
    await checker.close();
    options.checked?.write();
  }
  return {
    segments: files.length,
    missingSegments: missing.map(([id]) => store.layout.closed(id)),
    damagedSegments: [...damaged],
    condemnedProblems,
    ...count,
    sound: copies.sound(),
  };
}

/** How many copies of each block are sound, as far as is known. */
class CopyCount {
  readonly #table = new DigestTable(KEY_BYTES);
  readonly #counts: number[] = [];

  found(hash: Uint8Array): void {
    if (this.#table.add(hash)) this.#counts.push(1);
    else this.#change(this.#table.find(hash), 1);
  }

  lost(hashes: Uint8Array, at: number): void {
    this.#change(this.#table.find(hashes, at), -1);
  }

  sound(): DigestTable {
    const sound = new DigestTable(KEY_BYTES, this.#table.size);
    for (let row = 0; row < this.#table.size; row++) if ((this.#counts[row] as number) > 0) sound.add(this.#table.key(row));
    return sound;
  }

  #change(row: number, by: number): void {
    this.#counts[row] = (this.#counts[row] as number) + by;
  }
}

function checkHeaders({ layout }: Datadir, { onProblem }: CheckOptions): void {
  for (const file of [layout.header, layout.headerCopy]) {
    try {
      checkWholeLine(file);
    } catch (error) {
      onProblem({
        kind: 'header',
        where: file,
        message: `${(error as Error).message}; copy the other of the two over it`,
        harmless: false,
      });
    }
  }
  try {
    if (fs.existsSync(layout.condemned)) readCheckedJson(layout.condemned, layout.condemned);
  } catch (error) {
    onProblem({ kind: 'header', where: layout.condemned, message: `${(error as Error).message}; it counts as empty`, harmless: true });
  }
}

/** Raises what is wrong with a file of one checked line; that its line end is cut off as well, with which it can be read. */
function checkWholeLine(file: string): void {
  const text = readWhole(file).toString('utf8');
  decodeCheckedJson(text, file);
  if (!text.endsWith('\n')) throw new FormatError(file, 'the end of its line is missing');
}

/** How many bytes there are of a segment's header; none where the disk cannot read it. */
function headerBytes(fd: number, header: Uint8Array): number {
  try {
    return readAt(fd, header, 0);
  } catch (error) {
    if (error instanceof FormatError) return 0;
    throw error;
  }
}

/** Checks the index against itself; up to where each segment is indexed, by what can still be read. */
function checkIndex(store: Datadir, { onProblem }: CheckOptions): Map<string, number> {
  store.index.check();
  for (const file of store.index.damagedRuns.splice(0)) {
    onProblem({ kind: 'index', where: file, message: 'an index run was damaged; it is made again from the segments', harmless: true });
  }
  for (const file of store.index.newerRuns()) {
    const message = 'an index run of a newer format: it is left alone, and what it says is taken from the segments';
    onProblem({ kind: 'index', where: file, message, harmless: true });
  }
  return store.index.coverage();
}

/** The records of a segment whose heads are sound; says what is wrong with the others. */
function* soundHeads(
  store: Datadir,
  file: SegmentFile,
  indexedEnd: number,
  onHarmless: (problem: StoreProblem) => void,
  onDamage: (segment: string, problem: StoreProblem) => void,
): Generator<ScannedRecord> {
  const where = file.growing ? store.layout.growing(file.id) : store.layout.closed(file.id);
  const problem = (message: string, harmless: boolean) => {
    const found: StoreProblem = { kind: 'segment', where, message, harmless };
    if (harmless) onHarmless(found);
    else onDamage(file.id, found);
  };
  if (file.sizeBytes < indexedEnd) problem(`cut short: ${file.sizeBytes} bytes are left of ${indexedEnd}`, false);
  const fd = openSegment(store.layout, file.id);
  if (fd === undefined) return; // removed meanwhile
  try {
    const header = new Uint8Array(SEGMENT_HEADER_BYTES);
    const got = headerBytes(fd, header);
    // A writer that is killed while it makes a segment leaves an incomplete header and nothing behind it.
    if (got < SEGMENT_HEADER_BYTES && file.growing && indexedEnd === 0) return;
    try {
      checkSegmentHeader(header.subarray(0, got), file.id, store.hash);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problem(error.message, false);
    }
    const isBeingWritten = file.growing && !system().lock(fd, 'shared');
    for (const found of scanSegment(fd, 0, file.sizeBytes, store.hash.hashBytes)) {
      if (found.kind === 'record') {
        yield found;
        continue;
      }
      const isTornEnd = !found.isUnreadable && file.growing && found.offset >= indexedEnd && found.offset + found.bytes === file.sizeBytes;
      // What a killed writer leaves behind its last complete record was never acknowledged, and is cut off by the next writer.
      if (isTornEnd && (isBeingWritten || indexedEnd > 0)) continue;
      problem(`${found.problem}: no record can be read at bytes ${found.offset} to ${found.offset + found.bytes}`, isTornEnd);
    }
  } finally {
    fs.closeSync(fd);
  }
}
