import { SIGNATURE_BYTES } from '../../sys/stat.ts';

/** One saved file, as views into the packed results. */
export interface SavedFile {
  readonly item: number;
  /** The file's signature when it was read; all zero (to the packer, empty) when it must not be trusted again (it changed, or changed too recently). */
  readonly signature: Uint8Array;
  readonly sizeBytes: number;
  readonly torn: boolean;
  readonly uid: number;
  readonly gid: number;
  /** The encoded entry (without name and owner). */
  readonly encoded: Uint8Array;
}

/** Whether a file that has this signature again is what it was. */
export function isTrusted(signature: Uint8Array): boolean {
  return signature.some((byte) => byte !== 0);
}

const HEAD_BYTES = 28 + SIGNATURE_BYTES;

/** Collects results of a batch in one growing buffer: one message instead of many objects. */
export class ResultPacker {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(32 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  add(file: SavedFile): void {
    this.#reserve(HEAD_BYTES + file.encoded.length);
    const at = this.#length;
    this.#view.setUint32(at, file.item, true);
    this.#view.setUint32(at + 4, file.encoded.length, true);
    this.#view.setFloat64(at + 8, file.sizeBytes, true);
    this.#view.setUint32(at + 16, file.torn ? 1 : 0, true);
    this.#view.setUint32(at + 20, file.uid, true);
    this.#view.setUint32(at + 24, file.gid, true);
    if (file.signature.length === 0) this.#bytes.fill(0, at + 28, at + HEAD_BYTES);
    else this.#bytes.set(file.signature, at + 28);
    this.#bytes.set(file.encoded, at + HEAD_BYTES);
    this.#length += HEAD_BYTES + file.encoded.length;
  }

  /** All results so far, in a buffer that may be transferred; the packer is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

export function* unpackResults(packed: Uint8Array): Generator<SavedFile> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let at = 0; at < packed.length; ) {
    const entryAt = at + HEAD_BYTES;
    const end = entryAt + view.getUint32(at + 4, true);
    yield {
      item: view.getUint32(at, true),
      sizeBytes: view.getFloat64(at + 8, true),
      torn: view.getUint32(at + 16, true) === 1,
      uid: view.getUint32(at + 20, true),
      gid: view.getUint32(at + 24, true),
      signature: packed.subarray(at + 28, entryAt),
      encoded: packed.subarray(entryAt, end),
    };
    at = end;
  }
}
