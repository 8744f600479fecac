/** Bounds of content-defined blocks, in bytes: 64 ≤ min ≤ target ≤ max. */
export interface Bounds {
  readonly minBytes: number;
  readonly targetBytes: number;
  readonly maxBytes: number;
}

/** What a cutter hands out; the pieces of a file follow one another without gaps and together are the file. */
export type Piece = BlockPiece | RunPiece;

export interface BlockPiece {
  readonly kind: 'block';
  /** A view into the cutter's buffer; see `Cutter` for how long it holds. */
  readonly bytes: Uint8Array;
  /** Where the piece begins in the file. */
  readonly offset: number;
  readonly size: number;
}

/** `size` times `byte`: a maximal run, longer than the cutter's threshold (S6). */
export interface RunPiece {
  readonly kind: 'run';
  readonly byte: number;
  readonly offset: number;
  readonly size: number;
}

/** Multipliers of the two hashes of a kernel, all odd, drawn from a seed. */
export interface ChunkingKeys {
  /** Three of 16 bits. */
  readonly sieve: readonly [number, number, number];
  /** Eight of 32 bits. */
  readonly confirm: readonly [number, number, number, number, number, number, number, number];
}

/**
 * The searches that cutting is made of, over bytes in `memory`. Positions are indices into `memory`; a *position* p stands between the bytes
 * p-1 and p, and its hashes cover bytes before p only, so callers keep `from` at least 32 bytes after the start of their data.
 */
export interface Kernel {
  readonly name: KernelName;
  readonly memory: Uint8Array;
  /** The first p, from < p ≤ to, that passes the sieve and whose confirming hash, an unsigned 32-bit number, is below `limit`; 0 if none. */
  search(from: number, to: number, limit: number): number;
  /**
   * Of the candidates that the last `search` refused before it returned 0, the first of those with the least confirming hash; 0 if there was none.
   */
  refusedPosition(): number;
  /** The confirming hash at `refusedPosition`. */
  refusedConfirmHash(): number;
  /** The p, from < p ≤ to, with the least (sieve hash, confirming hash), the first of equals. Needs from < to. */
  strongest(from: number, to: number): number;
  /**
   * The start of the first run of one byte of at least `runBytes` ≥ 32 bytes within [from, to), 0 if none. It is taken for granted that
   * no run crosses `from`.
   */
  runFrom(from: number, to: number, runBytes: number): number;
  /** The first position in (at, to] at which the run of the byte at `at` ends, at < to. */
  runEnd(at: number, to: number): number;
}

/** `wasm`: the vector kernel; `reference`: the same in TypeScript, at a fifteenth of the speed. */
export type KernelName = 'wasm' | 'reference';

/**
 * Follows one file of a known format and suggests where its natural boundaries are (S5). A scanner believes nothing: on input that breaks the format
 * it stops suggesting, and it never throws, nor keeps more than a few kilobytes.
 */
export interface Scanner {
  /**
   * Takes the next bytes of the file, from its beginning on, in slabs of any size; they are only read during the call. Calls `suggest` with offsets in
   * the file, each greater than the one before and at most `SCANNER_LOOKBACK_BYTES` before the end of this slab; they may lie far ahead.
   */
  scan(slab: Uint8Array, suggest: (offset: number) => void): void;
}

/** What a cutter may know of a file before its first byte. */
export interface FileHint {
  /** The file's name without its folder, as bytes or as text. */
  readonly name?: string;
  /** Where in the file the first byte fed will stand, 0 when left out. A file entered in its middle is cut without a scanner. */
  readonly offset?: number;
}

/** How far before the end of what it has seen a scanner may suggest a boundary. */
export const SCANNER_LOOKBACK_BYTES = 64;

/** A file format with a scanner. */
export interface Format {
  readonly name: string;
  /** Extensions of its files, lower-case, without the dot. */
  readonly extensions: readonly string[];
  /** True when blocks are to end at suggested boundaries alone (and at the maximal size); otherwise the kernel cuts in between as well. */
  readonly exclusive: boolean;
  /** Whether a file that begins with `head` (1 KiB, or the whole file) is of this format. Never throws. */
  matches(head: Uint8Array): boolean;
  /** A scanner at the beginning of a file, for blocks within `bounds`. */
  open(bounds: Bounds): Scanner;
}

/** Finds the format of a file by its name and its first bytes (at least 1 KiB, or the whole file); undefined for none. */
export type FormatChoice = (name: string | undefined, head: Uint8Array) => Format | undefined;
