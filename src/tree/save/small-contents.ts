import type { ByteName } from '../../base/names.ts';
import { LITERAL_MAX_BYTES } from '../../block/limits.ts';
import type { Ref } from '../../block/types.ts';
import { DEFAULT_RUN_BYTES } from '../../chunk/cutter.ts';
import type { Bounds } from '../../chunk/types.ts';
import type { Digest } from '../../hash/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { openFile } from './file-reader.ts';

/** Room for the bytes of files that wait for the store. */
const ARENA_BYTES = 1 << 20;

/** What a small content is: a literal, or a block, by its number among those taken next. */
export type SmallContent = number | Uint8Array;

/**
 * Reads files that are no longer than the smallest block and shorter than the shortest run, so that each is one block (or literal) and no boundary has to be looked for. Their
 * bytes stay where they were read, side by side, until they are in the store.
 */
export class SmallContents {
  readonly limitBytes: number;
  /** Of the file that was read last. */
  readonly stat = new Stat();
  readonly #arena = new Uint8Array(ARENA_BYTES);
  readonly #signature = new Uint8Array(SIGNATURE_BYTES);
  #used = 0;
  #blocks: Uint8Array[] = [];

  constructor(chunking: Bounds) {
    this.limitBytes = Math.min(chunking.minBytes, DEFAULT_RUN_BYTES - 1);
  }

  /** Whether blocks have to be taken before another file is read. */
  get isFull(): boolean {
    return this.#used + this.limitBytes > ARENA_BYTES;
  }

  /**
   * The bytes of a file that is small and is still what the signature at `at` says, until another is read; undefined when it has to go the long way, on which torn
   * files are told from whole ones. `whileOpen` is called with the open file once that is certain. Throws VanishedError, ReplacedError, or the SystemError of what failed.
   */
  read(directory: Directory, name: ByteName, signatures: Uint8Array, at: number, whileOpen?: (fd: number) => void): Uint8Array | undefined {
    const { stat } = this;
    stat.loadSignature(signatures, at);
    const { size } = stat;
    if (size > this.limitBytes || size === 0) return undefined;
    const sys = system();
    const fd = openFile(directory, name);
    try {
      const bytes = this.#arena.subarray(this.#used, this.#used + size);
      if (sys.read(fd, bytes, 0) !== size) return undefined;
      sys.statFile(fd, stat);
      stat.signature(this.#signature, 0);
      if (!isEqual(this.#signature, signatures, at)) return undefined;
      whileOpen?.(fd);
      return bytes;
    } finally {
      sys.closeFile(fd);
    }
  }

  /** Keeps the bytes that were read last; what they are as a content. */
  keep(bytes: Uint8Array): SmallContent {
    if (bytes.length <= LITERAL_MAX_BYTES) return bytes.slice();
    this.#used += bytes.length;
    return this.#blocks.push(bytes) - 1;
  }

  /** The blocks so far, which hold until the next file is read; from then on there are none. */
  takeBlocks(): Uint8Array[] {
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#used = 0;
    return blocks;
  }
}

/** The ref of a content, once the store has named the blocks that were taken. */
export function smallRef(content: SmallContent, size: number, digests: readonly Digest[]): Ref {
  return typeof content === 'number'
    ? { kind: 'block', digest: digests[content] as Digest, size }
    : { kind: 'literal', bytes: content, size };
}

function isEqual(signature: Uint8Array, signatures: Uint8Array, at: number): boolean {
  for (let i = 0; i < SIGNATURE_BYTES; i++) if (signature[i] !== signatures[at + i]) return false;
  return true;
}
