import { KEY_BYTES, ROW_BYTES, segmentNumber, setSegmentNumber } from './row.ts';
import { type Coverage, compareKeys, type Run, writeRun } from './run.ts';

/** Walks the rows of one run in order. */
class RunCursor {
  readonly #run: Run;
  readonly #keeps: readonly number[];
  #number = 0;
  #row = -1;
  page: Uint8Array | undefined;

  /** `keeps[n]` is the new number of the run's segment `n`, or -1 when its rows are to be left out. */
  constructor(run: Run, keeps: readonly number[]) {
    this.#run = run;
    this.#keeps = keeps;
    this.page = run.pages > 0 ? run.page(0) : undefined;
    this.next();
  }

  /** Offset of the current row in `page`. */
  get at(): number {
    return this.#row * ROW_BYTES;
  }

  get segment(): number {
    return this.#keeps[segmentNumber(this.page as Uint8Array, this.at)] as number;
  }

  next(): void {
    while (this.page !== undefined) {
      this.#row++;
      if (this.#row >= this.#run.rowsOf(this.#number)) {
        this.#number++;
        this.#row = -1;
        this.page = this.#number < this.#run.pages ? this.#run.page(this.#number) : undefined;
      } else if ((this.#keeps[segmentNumber(this.page, this.at)] ?? -1) >= 0) {
        return;
      }
    }
  }
}

/**
 * Writes one run that says what `runs` say, without rows of segments that `exists` denies. A block that stands in several segments keeps a row for each: the
 * collector may be about to remove one of them.
 */
export function mergeRuns(file: string, runs: readonly Run[], exists: (segment: string) => boolean): void {
  const coverage: Coverage[] = [];
  const cursors = runs.map((run) => new RunCursor(run, renumber(run.coverage, coverage, exists)));
  writeRun(file, mergedRows(cursors), coverage);
}

/** Adds what a run covers to `merged`; returns the new number of each of its segments. */
function renumber(covered: readonly Coverage[], merged: Coverage[], exists: (segment: string) => boolean): number[] {
  return covered.map(({ segment, end }) => {
    if (!exists(segment)) return -1;
    const known = merged.findIndex((other) => other.segment === segment);
    if (known < 0) return merged.push({ segment, end }) - 1;
    merged[known] = { segment, end: Math.max(end, (merged[known] as Coverage).end) };
    return known;
  });
}

/** Rows in key order, one for each block and segment, in pieces of up to a thousand. The runs are few, so the smallest is found by looking at each. */
function* mergedRows(cursors: RunCursor[]): Generator<Uint8Array> {
  const piece = new Uint8Array(1024 * ROW_BYTES);
  let used = 0;
  const lastKey = new Uint8Array(KEY_BYTES);
  /** Segments of the rows with that key so far. */
  const segments = new Set<number>();
  for (;;) {
    let smallest: RunCursor | undefined;
    for (const cursor of cursors) {
      if (cursor.page === undefined) continue;
      if (smallest === undefined || compareKeys(cursor.page, cursor.at, smallest.page as Uint8Array, smallest.at) < 0) smallest = cursor;
    }
    if (smallest === undefined) break;
    const { page, at, segment } = smallest as RunCursor & { page: Uint8Array };
    if (compareKeys(page, at, lastKey, 0) !== 0) {
      lastKey.set(page.subarray(at, at + KEY_BYTES));
      segments.clear();
    }
    if (!segments.has(segment)) {
      segments.add(segment);
      piece.set(page.subarray(at, at + ROW_BYTES), used);
      setSegmentNumber(piece, used, segment);
      used += ROW_BYTES;
    }
    smallest.next();
    if (used === piece.length) {
      yield piece;
      used = 0;
    }
  }
  if (used > 0) yield piece.subarray(0, used);
}
