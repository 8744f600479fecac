import { encodeIndirectBlock } from './indirect-block.ts';
import { CHILD_BOUNDARY_BITS, MAX_CHILDREN, MIN_CHILDREN } from './limits.ts';
import { emptyRef } from './slice.ts';
import type { EmitBlock, LeafRef, Ref, RunRef } from './types.ts';

const BOUNDARY_MASK = (1 << CHILD_BOUNDARY_BITS) - 1;

/**
 * Composes the ref of a sequence from the refs of its pieces, in order.
 *
 * Nothing is empty; one piece stays itself; more become a block tree, whose indirect blocks end where the digest of a child says so (as in
 * a prolly tree). So an insertion into a long file changes a constant expected number of indirect blocks a level, and equal lists of pieces
 * have equal refs. Neighbouring runs of one kind become one. Memory is bounded: no more than MAX_CHILDREN refs a level.
 */
export class RefBuilder {
  readonly #emit: EmitBlock;
  /** Children that wait for the end of their indirect block; level 0 holds leaves. */
  #levels: Ref[][] = [];
  #run: RunRef | undefined;

  constructor(emit: EmitBlock) {
    this.#emit = emit;
  }

  /** Adds the next piece. Pieces without bytes are left out. The digest in it must stay unchanged. */
  append(piece: LeafRef): void {
    if (piece.size === 0) return;
    const run = this.#run;
    if (piece.kind === 'run') {
      if (run && run.byte === piece.byte && run.hole === piece.hole) {
        this.#run = { ...run, size: run.size + piece.size };
      } else {
        this.#endRun();
        this.#run = piece;
      }
      return;
    }
    if (run) this.#endRun();
    this.#push(0, piece);
  }

  /** The ref of everything appended; the builder is empty again. */
  finish(): Ref {
    this.#endRun();
    for (let level = 0; ; level++) {
      const children = this.#levels[level] ?? [];
      const isTop = level + 1 >= this.#levels.length;
      if (isTop && children.length <= 1) {
        this.#levels = [];
        return children[0] ?? emptyRef();
      }
      if (children.length > 0) this.#close(level);
    }
  }

  #endRun(): void {
    const run = this.#run;
    this.#run = undefined;
    if (run) this.#push(0, run);
  }

  #push(level: number, child: Ref): void {
    let children = this.#levels[level];
    if (children === undefined) this.#levels[level] = children = [];
    children.push(child);
    if (children.length >= MAX_CHILDREN || (children.length > MIN_CHILDREN && isBoundary(child))) this.#close(level);
  }

  #close(level: number): void {
    const children = this.#levels[level] as Ref[];
    this.#levels[level] = [];
    const depth = level + 1;
    const digest = this.#emit(encodeIndirectBlock(depth, children));
    let size = 0;
    for (const child of children) size += child.size;
    this.#push(depth, { kind: 'tree', digest, size, depth });
  }
}

function isBoundary(child: Ref): boolean {
  if (child.kind !== 'block' && child.kind !== 'tree') return false;
  const digest = child.digest;
  return ((digest[digest.length - 1] as number) & BOUNDARY_MASK) === 0;
}
