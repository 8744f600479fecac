/** Bounds of content-defined blocks, in bytes: 64 ≤ min ≤ target ≤ max. */
export interface Bounds {
  readonly minBytes: number;
  readonly targetBytes: number;
  readonly maxBytes: number;
}
