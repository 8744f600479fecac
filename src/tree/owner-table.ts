import type { CborReader } from '../base/cbor-reader.ts';
import type { CborWriter } from '../base/cbor-writer.ts';
import { MAX_NODE_ITEMS, MAX_OWNER_NAME_BYTES } from './limits.ts';
import type { Owner } from './types.ts';

/**
 * The owners of one leaf, each once, sorted by (uid, gid, user, group). Entries refer to it by index, so that an encoded entry says nothing
 * of its owner and a leaf of one owner, the common case, spends nothing on it.
 */
export class OwnerTable {
  #owners: Owner[] = [];
  #last = -1;

  /** The number of `owner` by first appearance. Quickest when equal owners are one object. */
  add(owner: Owner): number {
    const owners = this.#owners;
    if (this.#last >= 0 && owners[this.#last] === owner) return this.#last;
    let at = owners.indexOf(owner);
    if (at < 0) at = owners.findIndex((other) => compareOwners(other, owner) === 0);
    if (at < 0) at = owners.push(owner) - 1;
    this.#last = at;
    return at;
  }

  /**
   * Appends the sorted table, then the owner of each entry, given by first appearance: `[[uid, gid] or [uid, gid, user, group]…],
   * [index…]`.
   */
  write(writer: CborWriter, byEntry: readonly number[]): void {
    const order = this.#owners.map((_, i) => i).sort((a, b) => compareOwners(this.#owners[a] as Owner, this.#owners[b] as Owner));
    writer.array(order.length);
    for (const i of order) writeOwner(writer, this.#owners[i] as Owner);
    if (order.length <= 1) return writer.array(0);
    const sortedIndex = new Array<number>(order.length);
    order.forEach((i, sorted) => {
      sortedIndex[i] = sorted;
    });
    writer.array(byEntry.length);
    for (const i of byEntry) writer.uint(sortedIndex[i] as number);
  }

  clear(): void {
    this.#owners = [];
    this.#last = -1;
  }
}

/** Reads what `OwnerTable.write` wrote: a function from the position of an entry to its owner, once `count` entries are known to follow. */
export function readOwners(reader: CborReader): { owners: readonly Owner[]; byEntry: readonly number[] } {
  const count = reader.array(MAX_NODE_ITEMS);
  const owners: Owner[] = [];
  for (let i = 0; i < count; i++) {
    const owner = readOwner(reader);
    const previous = owners[i - 1];
    if (previous && compareOwners(previous, owner) >= 0) reader.fail('owners out of order');
    owners.push(owner);
  }
  const indexes = reader.array(MAX_NODE_ITEMS);
  const byEntry = new Array<number>(indexes);
  const used = new Uint8Array(count);
  for (let i = 0; i < indexes; i++) {
    const index = reader.uint();
    if (index >= count) reader.fail(`owner ${index} of ${count}`);
    used[index] = 1;
    byEntry[i] = index;
  }
  if (count > 1 && used.includes(0)) reader.fail('an owner without entries');
  return { owners, byEntry };
}

function writeOwner(writer: CborWriter, owner: Owner): void {
  const named = owner.user !== undefined || owner.group !== undefined;
  writer.array(named ? 4 : 2);
  writer.uint(owner.uid);
  writer.uint(owner.gid);
  if (!named) return;
  writer.text(owner.user ?? '');
  writer.text(owner.group ?? '');
}

/** Names that are empty are unknown. */
function readOwner(reader: CborReader): Owner {
  const items = reader.array(4);
  if (items !== 2 && items !== 4) reader.fail('owner of the wrong length');
  const uid = reader.uint();
  const gid = reader.uint();
  if (items === 2) return { uid, gid };
  const user = reader.text(MAX_OWNER_NAME_BYTES);
  const group = reader.text(MAX_OWNER_NAME_BYTES);
  if (user === '' && group === '') reader.fail('owner with two empty names');
  return { uid, gid, ...(user && { user }), ...(group && { group }) };
}

export function compareOwners(a: Owner, b: Owner): number {
  return a.uid - b.uid || a.gid - b.gid || compareText(a.user, b.user) || compareText(a.group, b.group);
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
