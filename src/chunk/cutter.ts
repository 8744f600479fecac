import { BoundaryFinder } from './boundary.ts';
import { openKernel } from './kernel.ts';
import { chunkingKeys } from './keys.ts';
import { levelsOf } from './levels.ts';
import { defaultScanner, HEAD_BYTES } from './scanners/registry.ts';
import { Suggestions } from './suggestions.ts';
import {
  type Bounds,
  type FileHint,
  type Format,
  type FormatChoice,
  type Kernel,
  type KernelName,
  type Piece,
  SCANNER_LOOKBACK_BYTES,
  type Scanner,
} from './types.ts';

/** Shortest run that becomes a piece of its own, unless the caller says otherwise; see docs/chunking.md. */
export const DEFAULT_RUN_BYTES = 4096;
const LEAST_RUN_BYTES = 64;

/** Room for data besides what one unfinished block may hold. */
const DEFAULT_BUFFER_BYTES = 4 << 20;

/** Index of the first byte of data: 0 means "none" to kernels. */
const BASE = 64;

export interface CutterOptions {
  /** 32 bytes that decide where boundaries fall; see `chunkingKeys`. */
  readonly seed?: Uint8Array;
  /** Maximal runs of one byte of at least this many bytes, 64 or more, become run pieces. Infinity: none. */
  readonly runBytes?: number;
  /** How a scanner is found for a file; by default by name and first bytes. `null`: never. */
  readonly scanners?: FormatChoice | null;
  /** How much data can be gathered before views are given up, besides one unfinished block. */
  readonly bufferBytes?: number;
  /** For tests and comparisons; the fastest there is by default. */
  readonly kernel?: KernelName;
}

/**
 * Cuts files into pieces. One thread uses a cutter for one file after another:
 *
 * ```ts
 * cutter.reset({ name });
 * for (let n; (n = readSync(file, cutter.buffer(65536))) > 0; ) {
 *   cutter.fed(n);
 *   for (let piece; (piece = cutter.next()); ) consume(piece);
 * }
 * cutter.finish();
 * for (let piece; (piece = cutter.next()); ) consume(piece);
 * ```
 *
 * **Ownership.** The bytes of a piece are a view into the cutter's own memory. It holds, also across `reset`, until a call of `buffer(n)` with
 * `n > freeBytes`, which moves data. So pieces of many files can be gathered, as long as each read fits into `freeBytes`. Between `buffer` and `fed` the
 * caller may write into the space it was given and nowhere else; what lies beyond the bytes it declares by `fed` is ignored.
 *
 * **Boundaries** are a pure function of the file's bytes and name and of the options: the way data is split among reads does not matter. Beyond a boundary nothing before it
 * matters, so a cutter that enters a file in the middle soon falls in with the boundaries of one that began at the start (see docs/chunking.md).
 */
export class Cutter {
  /** Which kernel finds the boundaries. */
  readonly kernelName: KernelName;
  readonly bounds: Bounds;
  readonly #kernel: Kernel;
  readonly #memory: Uint8Array;
  readonly #boundaries: BoundaryFinder;
  readonly #runBytes: number;
  readonly #choice: FormatChoice | undefined;
  /** So far before the end of the data nothing is cut, as long as more may come: a run could begin there, or a scanner suggest a boundary. */
  readonly #lagBytes: number;
  readonly #capacity: number;

  // Indices into #memory: of the block in hand, of the end of the data, and of what was searched for runs.
  #start = BASE;
  #end = BASE;
  /** Every run that begins before this index is known; `#runAt` is the first of them that is still ahead, 0 when there is none. */
  #runsKnown = BASE;
  #runAt = 0;
  /** `#end` when runs were last looked for. */
  #runsLookedAt = BASE;

  /** Offset in the file of #start, minus #start. */
  #shift = -BASE;
  #finished = false;
  #run: { readonly byte: number; readonly offset: number } | undefined;

  #name: string | undefined;
  #format: Format | undefined;
  #scanner: Scanner | undefined;
  #scannerChosen = false;
  readonly #suggestions = new Suggestions();

  constructor(bounds: Bounds, options: CutterOptions = {}) {
    const runBytes = options.runBytes ?? DEFAULT_RUN_BYTES;
    if (!(runBytes >= LEAST_RUN_BYTES)) throw new RangeError(`runBytes is ${runBytes}, must be at least ${LEAST_RUN_BYTES}`);
    this.bounds = bounds;
    const levels = levelsOf(bounds);
    this.#runBytes = runBytes;
    this.#lagBytes = Math.max(SCANNER_LOOKBACK_BYTES, Number.isFinite(runBytes) ? runBytes : 0);
    this.#choice = options.scanners === null ? undefined : (options.scanners ?? defaultScanner);
    const undecidedBytes = Math.max(HEAD_BYTES, bounds.maxBytes + this.#lagBytes);
    this.#capacity = BASE + (options.bufferBytes ?? DEFAULT_BUFFER_BYTES) + undecidedBytes;
    this.#kernel = openKernel(this.#capacity, chunkingKeys(options.seed), levels.sieveLimit, options.kernel);
    this.#boundaries = new BoundaryFinder(this.#kernel, bounds, levels);
    this.kernelName = this.#kernel.name;
    this.#memory = this.#kernel.memory;
    this.reset();
  }

  /** How much can be read before views are given up. */
  get freeBytes(): number {
    return this.#capacity - this.#end;
  }

  /** The format by which the file in hand is scanned, once known. */
  get format(): string | undefined {
    return this.#format?.name;
  }

  /** Begins a file, as the constructor does for one without a name; what is left of the one before is forgotten. Views hold. */
  reset(hint: FileHint = {}): void {
    this.#start = this.#runsKnown = this.#runsLookedAt = this.#end;
    this.#boundaries.begin(this.#start);
    this.#shift = (hint.offset ?? 0) - this.#start;
    this.#runAt = 0;
    this.#run = undefined;
    this.#finished = false;
    this.#name = hint.name;
    this.#format = undefined;
    this.#scanner = undefined;
    this.#scannerChosen = this.#choice === undefined || (hint.offset ?? 0) > 0;
    this.#suggestions.clear();
  }

  /**
   * The free space, at least `minFree` bytes of it, to read file data into; invalidates views when it has to move data. Throws RangeError when there
   * cannot be so much, which with `minFree` up to `bufferBytes` only happens while `next` was not called until it returned undefined.
   */
  buffer(minFree: number): Uint8Array {
    if (this.freeBytes < minFree) this.#moveToBase();
    if (this.freeBytes < minFree) throw new RangeError(`no room for ${minFree} bytes: take the pieces first`);
    return this.#memory.subarray(this.#end, this.#capacity);
  }

  /** Says that `count` bytes were put at the beginning of what `buffer` returned. */
  fed(count: number): void {
    const from = this.#end;
    this.#end += count;
    if (this.#scanner) this.#scan(from);
  }

  /** Says that the file has ended. */
  finish(): void {
    this.#finished = true;
  }

  /** The next piece; undefined when more data is needed, or after `finish` when there is none left. */
  next(): Piece | undefined {
    if (this.#run) return this.#endRun();
    if (this.#start === this.#end || !this.#chooseScanner()) return undefined;
    const runAt = this.#findRun();
    if (runAt === this.#start) {
      this.#run = { byte: this.#memory[runAt] as number, offset: this.#start + this.#shift };
      return this.#endRun();
    }
    const cut = this.#findCut(runAt);
    return cut === 0 ? undefined : this.#block(cut);
  }

  /** Where the block in hand ends; 0 when that cannot be known yet. `runAt` is the index of the next known run, 0 for none. */
  #findCut(runAt: number): number {
    const { maxBytes } = this.bounds;
    const stop = Math.min(
      runAt === 0 ? Number.POSITIVE_INFINITY : runAt,
      this.#finished ? this.#end : Number.POSITIVE_INFINITY,
      this.#suggestions.after(this.#start + this.#shift) - this.#shift,
    );
    const known = this.#finished ? this.#end : this.#end - this.#lagBytes;
    const limit = Math.min(stop, this.#start + maxBytes, known);
    if (limit <= this.#start) return 0;
    if (!this.#format?.exclusive) {
      const cut = this.#boundaries.find(limit);
      if (cut !== 0) return cut;
    }
    if (limit === stop) return limit;
    if (limit === this.#start + maxBytes) return this.#boundaries.forced();
    return 0;
  }

  #block(cut: number): Piece {
    const start = this.#start;
    this.#start = cut;
    this.#boundaries.begin(cut);
    return { kind: 'block', bytes: this.#memory.subarray(start, cut), offset: start + this.#shift, size: cut - start };
  }

  /** Follows the run in hand; its piece once its end is known. */
  #endRun(): Piece | undefined {
    const { byte, offset } = this.#run as { byte: number; offset: number };
    if (this.#start < this.#end && this.#memory[this.#start] === byte) this.#start = this.#kernel.runEnd(this.#start, this.#end);
    if (this.#start === this.#end && !this.#finished) return undefined;
    this.#boundaries.begin(this.#start);
    this.#run = undefined;
    this.#runAt = 0;
    this.#runsKnown = this.#start;
    this.#runsLookedAt = this.#start;
    return { kind: 'run', byte, offset, size: this.#start + this.#shift - offset };
  }

  /** The index of the next known run, 0 when none is known. */
  #findRun(): number {
    if (this.#runAt !== 0 || this.#runsLookedAt === this.#end) return this.#runAt;
    this.#runsLookedAt = this.#end;
    const from = Math.max(this.#start, this.#runsKnown);
    if (this.#end - from < this.#runBytes) return 0;
    this.#runAt = this.#kernel.runFrom(from, this.#end, this.#runBytes);
    this.#runsKnown = this.#end - this.#runBytes + 1;
    return this.#runAt;
  }

  /**
   * Settles which scanner follows the file, once enough of it is there; false until then. A file no longer than the minimal block has no inner boundaries, so
   * it needs none.
   */
  #chooseScanner(): boolean {
    if (this.#scannerChosen) return true;
    const size = this.#end - this.#start;
    if (!this.#finished && size < Math.max(HEAD_BYTES, this.bounds.minBytes + 1)) return false;
    this.#scannerChosen = true;
    if (size <= this.bounds.minBytes) return true;
    const head = this.#memory.subarray(this.#start, Math.min(this.#end, this.#start + HEAD_BYTES));
    this.#format = this.#choice?.(this.#name, head);
    this.#scanner = this.#format?.open(this.bounds);
    if (this.#scanner) this.#scan(this.#start);
    return true;
  }

  #scan(from: number): void {
    this.#scanner?.scan(this.#memory.subarray(from, this.#end), this.#suggestions.add);
  }

  #moveToBase(): void {
    const distance = this.#start - BASE;
    this.#memory.copyWithin(BASE, this.#start, this.#end);
    this.#start = BASE;
    this.#end -= distance;
    this.#boundaries.move(distance);
    this.#runsKnown -= distance;
    this.#runsLookedAt -= distance;
    if (this.#runAt !== 0) this.#runAt -= distance;
    this.#shift += distance;
  }
}

/** A cutter for blocks within `bounds`. Throws UsageError for bounds that contradict themselves. */
export function createCutter(bounds: Bounds, options?: CutterOptions): Cutter {
  return new Cutter(bounds, options);
}
