import type { StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes } from '../../base/names.ts';
import { decodeRef } from '../../block/ref-codec.ts';
import { type RangeOptions, RefReader } from '../../block/ref-reader.ts';
import type { BlockSource, Ref } from '../../block/types.ts';
import type { Row } from '../rows.ts';
import type { NodeState } from '../types.ts';
import type { History } from './history.ts';

/** The longest target of a symbolic link that Linux makes (PATH_MAX). */
const MAX_TARGET_BYTES = 4096;
const NOTHING: Ref = { kind: 'literal', bytes: new Uint8Array(0), size: 0 };

/** The contents that the store keeps of versions of files. */
export class KeptContents {
  readonly #ref: StatementSync;
  readonly #openStore: () => Promise<BlockSource>;
  #reader: Promise<RefReader> | undefined;

  /** The store is opened when bytes are asked for first. */
  constructor({ database }: History, openStore: () => Promise<BlockSource>) {
    this.#ref = database.prepare('SELECT ref FROM content WHERE digest = ?');
    this.#openStore = openStore;
  }

  /** How to get what a file held (of a symbolic link: where it led); undefined when it was not kept. */
  refOf({ kind, size, digest }: NodeState): Ref | undefined {
    if (kind === 'file' && size === 0) return NOTHING;
    const row = digest === undefined ? undefined : (this.#ref.get(digest) as Row | undefined);
    return row && decodeRef(row.ref as Uint8Array);
  }

  /** Where a symbolic link led, if the store kept it as its content. */
  async targetOf(state: NodeState): Promise<ByteName | undefined> {
    const ref = state.kind === 'symlink' ? this.refOf(state) : undefined;
    if (ref === undefined || ref.size > MAX_TARGET_BYTES) return undefined;
    if (ref.kind === 'literal') return nameFromBytes(ref.bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of this.read(ref)) pieces.push(piece);
    return nameFromBytes(Buffer.concat(pieces));
  }

  async *read(ref: Ref, range?: RangeOptions): AsyncGenerator<Uint8Array> {
    this.#reader ??= this.#openStore().then((store) => new RefReader(store));
    yield* (await this.#reader).stream(ref, range);
  }
}
