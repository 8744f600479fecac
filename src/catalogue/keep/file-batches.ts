import { SystemError } from '../../base/errors.ts';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { LITERAL_MAX_BYTES } from '../../block/limits.ts';
import { encodeRef } from '../../block/ref-codec.ts';
import type { HashAlgorithm } from '../../hash/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { joined, type Paths } from '../look/paths.ts';
import type { CatalogueNode, NodeId } from '../types.ts';
import type { DueFiles } from './hash-queue.ts';
import type { HashedFile } from './hashed-files.ts';
import { writeSignature } from './node-signature.ts';
import type { LiveFile } from './types.ts';

/** A batch of files for one thread. */
const BATCH_FILES = 256;
const BATCH_BYTES = 4 << 20;

/** Which node a file is, and its directory. The rest of the row is not held while it is read: of thousands at once that would be most of the memory. */
export interface AskedFile {
  readonly id: NodeId;
  readonly parent: NodeId;
}

/** Files that are asked for together. */
export interface FileBatch {
  readonly nodes: AskedFile[];
  readonly files: LiveFile[];
  /** Of the files, one after another: a buffer for each would be larger than what is in it. */
  readonly signatures: Buffer;
  bytes: number;
}

export interface FileBatchesParts {
  readonly paths: Paths;
  readonly hash: HashAlgorithm;
  /** What the owner of a path wants. */
  readonly flagsOf: (path: ByteName) => { readonly hash: boolean; readonly keep: boolean };
  /** A file was not where it is asked for. */
  readonly onMissed: (id: NodeId) => void;
  /** A link was read: its content is at hand. */
  readonly onLink: (link: HashedFile) => void;
}

/** Makes of files that are due what keepers are asked for. */
export class FileBatches {
  readonly #parts: FileBatchesParts;
  readonly #stat = new Stat();
  readonly #signature = new Uint8Array(SIGNATURE_BYTES);

  constructor(parts: FileBatchesParts) {
    this.#parts = parts;
  }

  /** What is to be read of files, batch after batch. Links are read meanwhile. */
  *of({ nodes, haveChanged }: DueFiles): Generator<FileBatch> {
    let batch = emptyBatch(nodes.length);
    for (const [looked, node] of nodes.entries()) {
      const at = batch.files.length * SIGNATURE_BYTES;
      const file = this.#prepare(node, haveChanged, batch.signatures.subarray(at, at + SIGNATURE_BYTES));
      if (file === undefined) continue;
      batch.nodes.push({ id: node.id, parent: node.parent });
      batch.files.push(file);
      batch.bytes += node.size;
      if (batch.files.length < BATCH_FILES && batch.bytes < BATCH_BYTES) continue;
      yield batch;
      batch = emptyBatch(nodes.length - looked - 1);
    }
    if (batch.files.length > 0) yield batch;
  }

  /** What is asked of the keeper; undefined for what is not to be read, and for links. Writes its signature. */
  #prepare(node: CatalogueNode, hasChanged: boolean, signature: Buffer): LiveFile | undefined {
    const { paths, flagsOf, onMissed } = this.#parts;
    const directory = paths.ofDirectory(node.parent);
    if (directory === undefined) {
      onMissed(node.id);
      return undefined;
    }
    const flags = flagsOf(joined(directory, node.name));
    if (!flags.hash || (!hasChanged && !flags.keep && node.digest !== undefined)) return undefined;
    if (node.kind === 'symlink') this.#readLink(node, directory, flags.keep);
    if (node.kind !== 'file') return undefined;
    writeSignature(node, signature);
    return { directory, name: node.name, signature, keep: flags.keep };
  }

  #readLink(node: CatalogueNode, path: ByteName, keep: boolean): void {
    const { hash, onLink, onMissed } = this.#parts;
    try {
      using directory = system().openDirectory(path);
      const bytes = nameToBytes(directory.readLink(node.name));
      const signature = Buffer.alloc(SIGNATURE_BYTES);
      writeSignature(node, signature);
      // Looked at behind that: another link may stand there by now, or the folder be another one.
      if (!directory.stat(node.name, this.#stat) || !this.#isOf(signature)) return onMissed(node.id);
      const digest = hash.hash(bytes);
      const { length: size } = bytes;
      const content = !keep || size > LITERAL_MAX_BYTES ? undefined : { digest, size, ref: encodeRef({ kind: 'literal', bytes, size }) };
      onLink({ id: node.id, signature, digest, content });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      onMissed(node.id);
    }
  }

  /** Whether what was looked at is what has this signature. */
  #isOf(signature: Buffer): boolean {
    this.#stat.signature(this.#signature, 0);
    return signature.equals(this.#signature);
  }
}

function emptyBatch(files: number): FileBatch {
  return { nodes: [], files: [], signatures: Buffer.alloc(Math.min(files, BATCH_FILES) * SIGNATURE_BYTES), bytes: 0 };
}
