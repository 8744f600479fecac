import { Cutter, type CutterOptions } from './cutter.ts';
import type { Bounds, FileHint, Piece } from './types.ts';

/** The pieces of `bytes`, which are copied: the views in the pieces are fresh and the caller's own. */
export function cutPieces(bytes: Uint8Array, bounds: Bounds, options?: CutterOptions & { readonly hint?: FileHint }): Piece[] {
  const cutter = new Cutter(bounds, { bufferBytes: Math.max(bytes.length, 1), ...options });
  const pieces: Piece[] = [];
  cutter.reset(options?.hint);
  for (let at = 0; at < bytes.length; ) {
    const space = cutter.buffer(1);
    const count = Math.min(space.length, bytes.length - at);
    space.set(bytes.subarray(at, at + count));
    cutter.fed(count);
    at += count;
    if (at === bytes.length) cutter.finish();
    for (let piece = cutter.next(); piece; piece = cutter.next()) {
      pieces.push(piece.kind === 'block' ? { ...piece, bytes: piece.bytes.slice() } : piece);
    }
  }
  return pieces;
}

/** The lengths of the pieces of `bytes`, runs included. */
export function cut(bytes: Uint8Array, bounds: Bounds, options?: CutterOptions & { readonly hint?: FileHint }): number[] {
  return cutPieces(bytes, bounds, options).map((piece) => piece.size);
}
