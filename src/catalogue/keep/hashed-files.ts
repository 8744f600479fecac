import { digestKey } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { wallNs } from '../../sys/clock.ts';
import { SIGNATURE_BYTES } from '../../sys/stat.ts';
import type { NodeId } from '../types.ts';
import type { Writer } from '../write/writer.ts';
import type { ContentRows } from './content-rows.ts';
import { writeSignature } from './node-signature.ts';
import type { KeptContent } from './types.ts';

/** Making durable what was read takes no more than this share of the time while files go on changing; at the latest it comes after so long, or so many files. */
const COMMIT_SHARE = 1 / 20;
const LONGEST_COMMIT_GAP_MS = 5000;
const MOST_UNCOMMITTED = 20_000;
/** Rows of one transaction: some 20 ms. */
const ROWS_AT_ONCE = 2000;

/** A digest that waits for its content to be durable. It is that of the node as long as that has this signature. */
export interface HashedFile {
  readonly id: NodeId;
  readonly signature: Uint8Array;
  readonly digest: Digest;
  readonly content: KeptContent | undefined;
}

/** What was read and is not in the catalogue yet: a digest becomes known in the transaction in which its content does, and that comes after the store's commit. */
export class HashedFiles {
  readonly #writer: Writer;
  readonly #contents: ContentRows;
  readonly #onChanged: (id: NodeId) => void;
  readonly #files: HashedFile[] = [];
  readonly #signatureNow = Buffer.alloc(SIGNATURE_BYTES);
  #commitAtMs = 0;

  /** `onChanged`: a file has changed since it was read, and has to be read again. */
  constructor(writer: Writer, contents: ContentRows, onChanged: (id: NodeId) => void) {
    this.#writer = writer;
    this.#contents = contents;
    this.#onChanged = onChanged;
  }

  get count(): number {
    return this.#files.length;
  }

  add(file: HashedFile): void {
    this.#files.push(file);
  }

  /** How long a commit may wait yet; undefined when there is nothing to commit, not positive when it is due. */
  dueInMs(nowMs: number): number | undefined {
    if (this.#files.length === 0) return undefined;
    return this.#files.length >= MOST_UNCOMMITTED ? 0 : this.#commitAtMs - nowMs;
  }

  /** Writes down what is here when `makeDurable` is called, once that has resolved to what the store keeps of it; when that is undefined, it stays. */
  async commit(makeDurable: () => Promise<readonly KeptContent[] | undefined>): Promise<void> {
    const { length } = this.#files;
    const begunMs = performance.now();
    const kept = await makeDurable();
    if (kept === undefined) return;
    this.#takeRefs(kept);
    const files = this.#files.splice(0, length);
    for (let at = 0; at < files.length; at += ROWS_AT_ONCE) this.#write(files.slice(at, at + ROWS_AT_ONCE));
    const endedMs = performance.now();
    this.#commitAtMs = endedMs + Math.min((endedMs - begunMs) / COMMIT_SHARE, LONGEST_COMMIT_GAP_MS);
  }

  /** All of it, which will never be durable and is no longer here. */
  giveUp(): readonly HashedFile[] {
    return this.#files.splice(0);
  }

  /** The store keeps a content by one ref, which need not be the one that it was read with. What came meanwhile may be of it as well. */
  #takeRefs(kept: readonly KeptContent[]): void {
    const refs = new Map(kept.map(({ digest, ref }) => [digestKey(digest), ref]));
    for (const [at, file] of this.#files.entries()) {
      const ref = file.content && refs.get(digestKey(file.digest));
      if (file.content !== undefined && ref !== undefined) this.#files[at] = { ...file, content: { ...file.content, ref } };
    }
  }

  #write(files: readonly HashedFile[]): void {
    const time = wallNs();
    this.#writer.transact(() => {
      for (const { id, signature, digest, content } of files) {
        if (content !== undefined) this.#contents.add(content, time);
        const now = this.#writer.rows.get(id);
        if (now === undefined) continue;
        writeSignature(now, this.#signatureNow);
        if (this.#signatureNow.equals(signature)) this.#writer.setDigest(now, digest, { origin: 'scan', time }, 'seen');
        else this.#onChanged(id);
      }
    });
  }
}
