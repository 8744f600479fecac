import { LITERAL_MAX_BYTES } from '../../block/limits.ts';
import { RefBuilder } from '../../block/ref-builder.ts';
import type { LeafRef, Ref } from '../../block/types.ts';
import type { Piece } from '../../chunk/types.ts';
import type { Gatherer } from './gatherer.ts';

/**
 * The content of a file in the making: its pieces in order, some of which still wait for their digests. What is known from the front on is handed to
 * `onLeaf` at once, so memory does not grow with the file.
 */
export class PendingLeaves {
  readonly #gatherer: Gatherer;
  readonly #onLeaf: (leaf: LeafRef) => void;
  #waiting: { leaf: LeafRef | undefined }[] = [];
  #first = 0;
  /** Bytes appended so far. */
  size = 0;
  #pieces = 0;
  #blocks = 0;

  constructor(gatherer: Gatherer, onLeaf: (leaf: LeafRef) => void) {
    this.#gatherer = gatherer;
    this.#onLeaf = onLeaf;
  }

  /** Whether all of it is a single block: then that block's digest is that of the content. */
  get isOneBlock(): boolean {
    return this.#pieces === 1 && this.#blocks === 1;
  }

  /** A block's bytes must stay as they are until the gatherer has settled. */
  append(piece: Piece): void {
    if (piece.kind === 'run') return this.appendLeaf({ kind: 'run', byte: piece.byte, size: piece.size, hole: false });
    const { bytes, size } = piece;
    if (size <= LITERAL_MAX_BYTES) return this.appendLeaf({ kind: 'literal', bytes: bytes.slice(), size });
    const slot: { leaf: LeafRef | undefined } = { leaf: undefined };
    this.#waiting.push(slot);
    this.#pieces++;
    this.#blocks++;
    this.size += size;
    this.#gatherer.add(bytes, (digest) => {
      slot.leaf = { kind: 'block', digest, size };
      this.#drain();
    });
  }

  appendLeaf(leaf: LeafRef): void {
    this.#waiting.push({ leaf });
    this.#pieces++;
    this.size += leaf.size;
    this.#drain();
  }

  #drain(): void {
    for (; this.#first < this.#waiting.length; this.#first++) {
      const { leaf } = this.#waiting[this.#first] as { leaf: LeafRef | undefined };
      if (leaf === undefined) return;
      this.#onLeaf(leaf);
    }
    this.#waiting = [];
    this.#first = 0;
  }
}

/** The same for a whole file, whose ref comes out at the end. */
export class PendingContent extends PendingLeaves {
  readonly #builder: RefBuilder;

  constructor(gatherer: Gatherer) {
    const builder = new RefBuilder(gatherer.emit);
    super(gatherer, (leaf) => builder.append(leaf));
    this.#builder = builder;
  }

  /** Once, after the gatherer has settled; indirect blocks may have to be settled after it. */
  ref(): Ref {
    return this.#builder.finish();
  }
}
