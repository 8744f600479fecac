import type { Piece } from './types.ts';

/** Blocks whose size lies in [fromBytes, 2 × fromBytes). */
export interface SizeClass {
  readonly fromBytes: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** What was cut of files of one format; `kernel` for those that no scanner followed. */
export interface FormatCount {
  readonly format: string;
  readonly files: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** What `varve stats --chunks` shows (S7). */
export interface ChunkStatistics {
  readonly files: number;
  readonly bytes: number;
  readonly blocks: number;
  readonly blockBytes: number;
  /** Blocks of distinct content. */
  readonly uniqueBlocks: number;
  readonly uniqueBytes: number;
  readonly runs: number;
  readonly runBytes: number;
  /** Sizes that occur, smallest first. */
  readonly sizes: readonly SizeClass[];
  /** Formats that occur, most bytes first. */
  readonly formats: readonly FormatCount[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Counts pieces as they are cut. Which blocks are the same is for the caller to say, by a key: this layer knows no hashes. Keys of distinct blocks are kept, so memory
 * grows with their number.
 */
export class ChunkStatisticsCollector {
  readonly #total = { files: 0, bytes: 0, blocks: 0, blockBytes: 0, uniqueBlocks: 0, uniqueBytes: 0, runs: 0, runBytes: 0 };
  readonly #sizes = new Map<number, Mutable<SizeClass>>();
  readonly #formats = new Map<string, Mutable<FormatCount>>();
  readonly #seen = new Set<string>();

  /** Counts a file; call it once, before or after its pieces. `format` as the cutter says it. */
  addFile(format: string | undefined): void {
    this.#total.files++;
    this.#format(format).files++;
  }

  /** Counts a piece. `key` is equal for blocks of equal content alone; runs need none. */
  addPiece(piece: Piece, format: string | undefined, key: string): void {
    const { size } = piece;
    const count = this.#format(format);
    count.bytes += size;
    this.#total.bytes += size;
    if (piece.kind === 'run') {
      this.#total.runs++;
      this.#total.runBytes += size;
      return;
    }
    count.blocks++;
    this.#total.blocks++;
    this.#total.blockBytes += size;
    const sizeClass = this.#sizeClass(size);
    sizeClass.blocks++;
    sizeClass.bytes += size;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#total.uniqueBlocks++;
    this.#total.uniqueBytes += size;
  }

  result(): ChunkStatistics {
    return {
      ...this.#total,
      sizes: [...this.#sizes.values()].map((each) => ({ ...each })).sort((a, b) => a.fromBytes - b.fromBytes),
      formats: [...this.#formats.values()].map((each) => ({ ...each })).sort((a, b) => b.bytes - a.bytes),
    };
  }

  #format(format = 'kernel'): Mutable<FormatCount> {
    const count = this.#formats.get(format) ?? { format, files: 0, blocks: 0, bytes: 0 };
    this.#formats.set(format, count);
    return count;
  }

  #sizeClass(size: number): Mutable<SizeClass> {
    const fromBytes = 2 ** Math.floor(Math.log2(size));
    const count = this.#sizes.get(fromBytes) ?? { fromBytes, blocks: 0, bytes: 0 };
    this.#sizes.set(fromBytes, count);
    return count;
  }
}
