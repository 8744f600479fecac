import { FormatError } from '../../base/errors.ts';
import type { Leaf } from '../../block/leaves.ts';
import { blockOfLeaf, RefReader } from '../../block/ref-reader.ts';
import type { Ref } from '../../block/types.ts';
import { digestsEqual } from '../../hash/digest.ts';
import type { Store } from '../../store/types.ts';
import { system } from '../../sys/system.ts';

const FILL_BYTES = 256 * 1024;
const LARGE_RUN_BYTES = 64 << 20;

/** Writes the content of refs into files, and compares files with refs. One thread, one file at a time. */
export class ContentWriter {
  readonly #store: Store;
  readonly #reader: RefReader;
  readonly #scratch = new Uint8Array(FILL_BYTES);

  constructor(store: Store) {
    this.#store = store;
    this.#reader = new RefReader(store, { cacheBytes: 4 << 20 });
  }

  /**
   * Writes all of `ref` into an empty file. Of `base`, an older version of the file, those blocks are taken that stand there at the same place, which spares the
   * store; when the file was made as a clone of it (`cloned`), they need not even be written.
   */
  async write(fd: number, ref: Ref, base?: { readonly fd: number; readonly cloned: boolean }): Promise<void> {
    const sys = system();
    let endsInHole = false;
    for await (const leaves of this.#reader.leaves(ref)) {
      const wanted = base === undefined ? leaves : leaves.filter((leaf) => !this.#takeFromBase(fd, leaf, base));
      await this.#writeBlocks(fd, wanted);
      for (const { offset, ref: piece } of wanted) {
        if (piece.kind === 'run') this.#writeRun(fd, offset, piece.size, piece.byte, piece.hole, base?.cloned === true);
        else if (piece.kind === 'literal') sys.write(fd, piece.bytes, offset);
      }
      const last = leaves[leaves.length - 1];
      if (last !== undefined) endsInHole = last.ref.kind === 'run' && last.ref.hole;
    }
    if (endsInHole || base?.cloned) sys.truncate(fd, ref.size);
  }

  /** Whether the file has exactly this content. */
  async matches(fd: number, ref: Ref): Promise<boolean> {
    for await (const leaves of this.#reader.leaves(ref)) {
      for (const leaf of leaves) if (!this.holds(fd, leaf)) return false;
    }
    return system().read(fd, this.#scratch.subarray(0, 1), ref.size) === 0;
  }

  #takeFromBase(fd: number, leaf: Leaf, base: { readonly fd: number; readonly cloned: boolean }): boolean {
    const { offset, ref } = leaf;
    if (ref.kind !== 'block') return false;
    const bytes = this.#readExactly(base.fd, offset, ref.size);
    if (bytes === undefined || !digestsEqual(this.#store.hash.hash(bytes), ref.digest)) return false;
    if (!base.cloned) system().write(fd, bytes, offset);
    return true;
  }

  /** Whether that piece of the file is what it should be. */
  holds(fd: number, { offset, ref }: Leaf): boolean {
    if (ref.kind === 'run') {
      for (let done = 0; done < ref.size; ) {
        const bytes = this.#readExactly(fd, offset + done, Math.min(FILL_BYTES, ref.size - done));
        if (bytes === undefined || !bytes.every((byte) => byte === ref.byte)) return false;
        done += bytes.length;
      }
      return true;
    }
    const bytes = this.#readExactly(fd, offset, ref.size);
    if (bytes === undefined) return false;
    if (ref.kind === 'literal') return Buffer.compare(bytes, ref.bytes) === 0;
    if (ref.kind === 'block') return digestsEqual(this.#store.hash.hash(bytes), ref.digest);
    throw new FormatError('file content', `a ${ref.kind} cannot be compared by its digest`);
  }

  /** A view of the scratch buffer, or undefined when the file is shorter. */
  #readExactly(fd: number, at: number, size: number): Uint8Array | undefined {
    const bytes = size <= FILL_BYTES ? this.#scratch.subarray(0, size) : new Uint8Array(size);
    for (let done = 0; done < size; ) {
      const got = system().read(fd, bytes.subarray(done), at + done);
      if (got === 0) return undefined;
      done += got;
    }
    return bytes;
  }

  #writeRun(fd: number, at: number, size: number, byte: number, hole: boolean, cloned: boolean): void {
    if (hole && (!cloned || system().punchHole(fd, at, size))) return;
    // A run costs its maker nothing: whether there is room for it is asked before the disk is filled with it.
    if (size >= LARGE_RUN_BYTES) system().allocate(fd, at, size);
    const fill = this.#scratch.fill(byte);
    for (let done = 0; done < size; done += FILL_BYTES) system().write(fd, fill.subarray(0, Math.min(FILL_BYTES, size - done)), at + done);
  }

  /** Writes what blocks hold; those that follow one another in the store and in the file by one call. */
  async #writeBlocks(fd: number, leaves: readonly Leaf[]): Promise<void> {
    const pieces = leaves.flatMap(({ offset, ref }) => {
      const block = blockOfLeaf(ref);
      return block === undefined ? [] : [{ offset, ref, block }];
    });
    if (pieces.length === 0) return;
    const digests = pieces.map(({ block }) => block.digest);
    await this.#store.lend(digests, (first, bytes, ends) => {
      // What is to be written next: bytes `from` to `to`, which come to stand at `at`.
      let from = 0;
      let to = 0;
      let at = 0;
      for (const [i, end] of ends.entries()) {
        const { offset, ref, block } = pieces[first + i] as (typeof pieces)[number];
        const start = ends[i - 1] ?? 0;
        if (end - start !== block.size) throw new FormatError('ref', `a block has ${end - start} bytes where its ref says ${block.size}`);
        const pieceFrom = ref.kind === 'slice' ? start + ref.offset : start;
        if (pieceFrom !== to || offset !== at + (to - from)) {
          if (to > from) system().write(fd, bytes.subarray(from, to), at);
          from = pieceFrom;
          at = offset;
        }
        to = pieceFrom + ref.size;
      }
      system().write(fd, bytes.subarray(from, to), at);
    });
  }
}
