import fs from 'node:fs';
import path from 'node:path';
import { FormatError, hasErrno, NewerFormatError } from '../../../base/errors.ts';
import { makeMissingFolders } from '../../../base/make-folders.ts';
import { randomUuid } from '../../../sys/random.ts';
import { mergeRuns } from './merge.ts';
import { PendingRows } from './pending.ts';
import { type Location, MAX_RUN_SEGMENTS } from './row.ts';
import { Run, writeRun } from './run.ts';

const RUN_NAME = /^[0-9a-f-]{36}\.run$/;
/** More runs than this are merged: each absent block costs a look into each run. */
const MAX_RUNS = 8;

/** A run that is not complete at this age never will be. Nothing but tidiness hangs on it. */
const ABANDONED_MS = 86_400_000;

/**
 * Where the blocks of a datadir stand: a folder of immutable sorted runs, and the rows not yet published. It is derived from the segments
 * and made again from them whenever it is damaged or behind; nothing is ever believed of it that a record does not confirm.
 *
 * Any number of processes add runs at once; merging is done by one at a time. One instance belongs to one thread.
 */
export class BlockIndex {
  readonly #folder: string;
  #runs: Run[] = [];
  readonly pending = new PendingRows();
  #loaded = false;
  /** Runs that were found damaged and put away since the index was opened. */
  damagedRuns: string[] = [];
  /** Names of runs of a newer format. They are left alone: a newer program has made them, and the segments say the same. */
  readonly #newer = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The location of a block in a segment that `usable` accepts. */
  find(hash: Uint8Array, usable: (segment: string) => boolean): Location | undefined {
    const pending = this.pending.find(hash);
    if (pending !== undefined && usable(pending.segment)) return pending;
    this.#load();
    for (const run of this.#runs) {
      try {
        const found = run.find(hash, usable);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.#discard(run);
        throw new IndexDamagedError(run.path, error);
      }
    }
    return undefined;
  }

  /** Whether nothing is in it, pending rows included. */
  get isEmpty(): boolean {
    this.#load();
    return this.#runs.length === 0 && this.pending.size === 0;
  }

  /** Up to where each segment is indexed, by UUID. */
  coverage(): Map<string, number> {
    this.#load();
    const ends = new Map<string, number>();
    for (const run of this.#runs) {
      for (const { segment, end } of run.coverage) ends.set(segment, Math.max(end, ends.get(segment) ?? 0));
    }
    return ends;
  }

  /** Runs that are ignored, being of a newer format. */
  newerRuns(): string[] {
    this.#load();
    return [...this.#newer].map((name) => path.join(this.#folder, name));
  }

  /** Looks for runs that others have made or removed. */
  refresh(): void {
    this.#loaded = true;
    while (!this.#tryRefresh());
  }

  /** False when a run went between being listed and being opened: it was merged into one that may not be among the listed. */
  #tryRefresh(): boolean {
    const names = new Set(this.#names());
    const [kept, gone]: [Run[], Run[]] = [[], []];
    for (const run of this.#runs) (names.delete(path.basename(run.path)) ? kept : gone).push(run);
    this.#runs = kept;
    for (const run of gone) run.close();
    for (const name of this.#newer) if (!names.delete(name)) this.#newer.delete(name);
    let isComplete = true;
    for (const name of names) {
      const run = this.#open(path.join(this.#folder, name));
      if (run instanceof Run) this.#runs.unshift(run);
      else if (run === 'gone') isComplete = false;
    }
    return isComplete;
  }

  /** Makes the pending rows a run that everyone sees. What they point to must be durable. */
  publish(): void {
    if (this.pending.isEmpty) return;
    this.#load();
    const file = path.join(this.#folder, `${randomUuid()}.run`);
    // It may have been deleted, since it can be made again.
    makeMissingFolders(this.#folder);
    writeRun(file, [this.pending.sorted()], this.pending.coverage());
    this.pending.clear();
    const run = this.#open(file);
    if (run instanceof Run) this.#runs.unshift(run);
    // Another process has merged it already.
    else this.refresh();
  }

  get needsMerge(): boolean {
    this.#load();
    return this.#runs.length > MAX_RUNS;
  }

  /**
   * Merges small runs, or all of them when `everything`, leaving out rows of segments that `exists` denies. The caller holds the lock on
   * merging. A process killed here leaves runs that say the same twice, which is harmless.
   */
  merge(exists: (segment: string) => boolean, everything: boolean): void {
    this.refresh();
    this.#removeAbandoned();
    const chosen = everything ? this.#runs : smallest(this.#runs);
    if ((chosen.length < 2 && !everything) || countSegments(chosen) > MAX_RUN_SEGMENTS) return;
    const file = path.join(this.#folder, `${randomUuid()}.run`);
    try {
      mergeRuns(file, chosen, exists);
    } catch (error) {
      if (error instanceof FormatError) this.#discardDamaged(chosen);
      throw error;
    }
    const merged = new Run(file);
    this.#runs = [merged, ...this.#runs.filter((run) => !chosen.includes(run))];
    for (const run of chosen) run.close();
    for (const run of chosen) fs.rmSync(run.path, { force: true });
  }

  /** Reads every page of every run; damaged runs are put away, and named in `damagedRuns`. */
  check(): void {
    this.refresh();
    this.#discardDamaged(this.#runs);
  }

  close(): void {
    for (const run of this.#runs) run.close();
    this.#runs = [];
    this.#loaded = false;
  }

  #load(): void {
    if (!this.#loaded) this.refresh();
  }

  #names(): string[] {
    try {
      return fs.readdirSync(this.#folder).filter((name) => RUN_NAME.test(name));
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  /** Removes what was left of runs by processes that died while they wrote one. */
  #removeAbandoned(): void {
    for (const name of fs.readdirSync(this.#folder)) {
      const file = path.join(this.#folder, name);
      if (!name.endsWith('.tmp') || (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > Date.now() - ABANDONED_MS)
        continue;
      fs.rmSync(file, { force: true });
    }
  }

  #open(file: string): Run | 'gone' | 'ignored' {
    try {
      return new Run(file);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return 'gone';
      // A folder of that name.
      if (hasErrno(error, 'EISDIR')) return 'ignored';
      if (error instanceof NewerFormatError) {
        this.#newer.add(path.basename(file));
        return 'ignored';
      }
      if (!(error instanceof FormatError)) throw error;
      this.#putAway(file);
      return 'ignored';
    }
  }

  #discardDamaged(runs: readonly Run[]): void {
    for (const run of [...runs]) {
      try {
        for (let page = 0; page < run.pages; page++) run.page(page);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.#discard(run);
      }
    }
  }

  #discard(run: Run): void {
    this.#runs = this.#runs.filter((other) => other !== run);
    run.close();
    this.#putAway(run.path);
  }

  #putAway(file: string): void {
    this.damagedRuns.push(file);
    try {
      fs.rmSync(file, { force: true });
    } catch {
      // A store that cannot be written to: the run is ignored for as long as this instance lives.
    }
  }
}

/** A run was damaged and has been put away; the caller catches up from the segments and asks again. */
export class IndexDamagedError extends FormatError {
  constructor(file: string, cause: FormatError) {
    super(`index run ${file}`, cause.message);
  }
}

/** The small runs whose merging is worth it: each next one at most twice what is merged already. */
function smallest(runs: readonly Run[]): Run[] {
  const bySize = [...runs].sort((a, b) => a.rows - b.rows);
  const chosen: Run[] = [];
  let rows = 0;
  for (const run of bySize) {
    if (chosen.length >= 2 && run.rows > 2 * rows && bySize.length - chosen.length < MAX_RUNS / 2) break;
    chosen.push(run);
    rows += run.rows;
  }
  return chosen;
}

function countSegments(runs: readonly Run[]): number {
  return new Set(runs.flatMap(({ coverage }) => coverage.map(({ segment }) => segment))).size;
}
