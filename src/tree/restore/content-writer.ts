import { FormatError } from '../../base/errors.ts';
import type { Leaf } from '../../block/leaves.ts';
import { RefReader } from '../../block/ref-reader.ts';
import type { BlockRef, LeafRef, Ref } from '../../block/types.ts';
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
      const blocks = await this.#fetch(wanted);
      let next = 0;
      for (const leaf of wanted) {
        const { offset, ref: piece } = leaf;
        if (piece.kind === 'run') this.#writeRun(fd, offset, piece.size, piece.byte, piece.hole, base?.cloned === true);
        else sys.write(fd, piece.kind === 'literal' ? piece.bytes : bytesOf(piece, blocks[next++] as Uint8Array), offset);
      }
      const last = leaves[leaves.length - 1];
      if (last !== undefined) endsInHole = last.ref.kind === 'run' && last.ref.hole;
    }
    if (endsInHole || base?.cloned) sys.truncate(fd, ref.size);
  }

  /** Writes content that was fetched already: the block of a file that is one. Throws FormatError when it is not as long as its ref says. */
  writeWhole(fd: number, ref: Ref, block: Uint8Array): void {
    system().write(fd, bytesOf(ref as BlockRef, block), 0);
  }

  /** Whether the file has exactly this content. */
  async matches(fd: number, ref: Ref): Promise<boolean> {
    for await (const leaves of this.#reader.leaves(ref)) {
      for (const leaf of leaves) if (!this.#leafMatches(fd, leaf)) return false;
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

  #leafMatches(fd: number, { offset, ref }: Leaf): boolean {
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

  async #fetch(leaves: readonly Leaf[]): Promise<Uint8Array[]> {
    const digests = leaves.flatMap(({ ref }) => (ref.kind === 'block' ? [ref.digest] : ref.kind === 'slice' ? [ref.of.digest] : []));
    return digests.length === 0 ? [] : this.#store.getBatch(digests);
  }
}

function bytesOf(ref: Exclude<LeafRef, { kind: 'run' | 'literal' }>, block: Uint8Array): Uint8Array {
  const size = ref.kind === 'slice' ? (ref.of as BlockRef).size : ref.size;
  if (block.length !== size) throw new FormatError('ref', `a block has ${block.length} bytes where its ref says ${size}`);
  return ref.kind === 'slice' ? block.subarray(ref.offset, ref.offset + ref.size) : block;
}
