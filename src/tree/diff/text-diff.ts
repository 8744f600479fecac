import type { ByteName } from '../../base/names.ts';
import { showName } from '../../base/names.ts';
import { sizeOf, type TreeView, type ViewEntry } from '../view.ts';

/** One side of a text difference; absent when the file was created or deleted. */
export interface TextSide {
  readonly view: TreeView;
  readonly path: ByteName;
  readonly entry: ViewEntry;
}

/** How the text of two files differs: as a unified diff, or why there is none. */
export type TextDifference =
  | { readonly kind: 'text'; readonly hunks: readonly Hunk[] }
  /** One side has NUL bytes near its beginning, as git decides it. */
  | { readonly kind: 'binary' }
  /** A side is larger than `MAX_BYTES`, or the sides have too little in common to be worth the search. */
  | { readonly kind: 'too-different' };

/** Lines begin with ` `, `-` or `+`, or are `\ No newline at end of file`. Line numbers count from 1. */
export interface Hunk {
  readonly beforeStart: number;
  readonly beforeLines: number;
  readonly afterStart: number;
  readonly afterLines: number;
  readonly lines: readonly string[];
}

/** Bounds of memory and time. The search (Myers, 1986) grows with the square of the number of changed lines; so many take about two seconds. */
const MAX_BYTES = 8 << 20;
const MAX_CHANGED_LINES = 4000;
const SNIFFED_BYTES = 8000;
const CONTEXT_LINES = 3;

/** Compares two files line by line. Bytes that are not UTF-8 show as the replacement character. Throws what reading throws. */
export async function diffText(before: TextSide | undefined, after: TextSide | undefined, signal?: AbortSignal): Promise<TextDifference> {
  if ([before, after].some((side) => side && sizeOf(side.entry) > MAX_BYTES)) return { kind: 'too-different' };
  const a = await bytesOf(before, signal);
  const b = await bytesOf(after, signal);
  if (isBinary(a) || isBinary(b)) return { kind: 'binary' };
  // Loaded only when texts are compared, since no other command needs it.
  const { structuredPatch } = await import('diff');
  const patch = structuredPatch('', '', a.toString('utf8'), b.toString('utf8'), '', '', {
    context: CONTEXT_LINES,
    maxEditLength: MAX_CHANGED_LINES,
  });
  if (patch === undefined) return { kind: 'too-different' };
  const hunks = patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    beforeStart: oldStart,
    beforeLines: oldLines,
    afterStart: newStart,
    afterLines: newLines,
    lines,
  }));
  return { kind: 'text', hunks };
}

/** The lines of a unified diff, as `patch` reads them; `/dev/null` stands for an absent side. */
export function* unifiedLines(before: TextSide | undefined, after: TextSide | undefined, hunks: readonly Hunk[]): Generator<string> {
  yield `--- ${before ? `a/${showName(before.path)}` : '/dev/null'}`;
  yield `+++ ${after ? `b/${showName(after.path)}` : '/dev/null'}`;
  for (const { beforeStart, beforeLines, afterStart, afterLines, lines } of hunks) {
    yield `@@ -${span(beforeStart, beforeLines)} +${span(afterStart, afterLines)} @@`;
    yield* lines;
  }
}

/** A span without lines is named by the line before it (POSIX, diff -u). */
function span(start: number, lines: number): string {
  return lines === 1 ? `${start}` : `${lines === 0 ? start - 1 : start},${lines}`;
}

async function bytesOf(side: TextSide | undefined, signal: AbortSignal | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  if (side) {
    for await (const piece of side.view.read(side.entry, side.path, signal ? { signal } : {})) {
      pieces.push(piece);
      bytes += piece.length;
      // A live file may have grown since it was looked at.
      if (bytes > MAX_BYTES) break;
    }
  }
  return Buffer.concat(pieces);
}

function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SNIFFED_BYTES).includes(0);
}
