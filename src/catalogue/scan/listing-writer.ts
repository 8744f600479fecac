import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes } from '../../base/names.ts';
import type { PackedReader } from '../../sys/packed-entries.ts';
import { kindOfType, typeOfKind } from '../../sys/stat.ts';
import type { Looker } from '../look/looker.ts';
import { stateOfRecord } from '../look/states.ts';
import type { CatalogueNode, Cause, NodeId, NodeState, Place } from '../types.ts';
import { differs, isSameFile } from '../write/difference.ts';
import { addHash, entryHash, noHash } from '../write/entry-hash.ts';
import { isSameListing } from '../write/listing-sum.ts';
import type { Writer } from '../write/writer.ts';
import type { FreshLooks } from './fresh-looks.ts';
import type { ListedDirectory } from './messages.ts';

const DIRECTORY = typeOfKind('directory');
const FILE = typeOfKind('file');
/** Files below it are added up as numbers, which cost a tenth: two million in one folder are still exact. */
const LARGE_BYTES = 2 ** 32;

/** A directory that a listing is for. */
export interface ListingTarget {
  readonly id: NodeId;
  /** Of one that was met by the same scan, so that nothing in it is known: as what it was met. Its path may have come to lead to another since. */
  readonly fresh?: FreshDirectory;
}

interface FreshDirectory {
  readonly inode: number | bigint;
  readonly born: bigint;
}

function freshDirectory({ inodeValue: inode, born }: PackedReader): FreshDirectory {
  return { inode, born };
}

/** Whether the directory at which `record` stands is the one that was met. */
export function isFreshDirectory({ inode, born }: FreshDirectory, record: PackedReader): boolean {
  return record.inodeValue === inode && record.born === born;
}

/** The listing of one directory. */
export interface FoundListing {
  readonly listed: ListedDirectory;
  /** Steps through its records; it stands at the directory's own. */
  readonly record: PackedReader;
  /** Names that are there and could not be looked at. */
  readonly unseen: ReadonlySet<ByteName> | undefined;
}

export interface ListingWriterParts {
  readonly writer: Writer;
  readonly looker: Looker;
  readonly looks: FreshLooks;
  /** A directory is where its row says, although the listing of the one above does not show it: it has come back since. */
  readonly onPassedOver: (id: NodeId) => void;
}

/** Brings listings into the catalogue. */
export class ListingWriter {
  readonly #writer: Writer;
  readonly #looker: Looker;
  readonly #looks: FreshLooks;
  readonly #onPassedOver: (id: NodeId) => void;
  readonly #directories: StatementSync;

  constructor(database: DatabaseSync, { writer, looker, looks, onPassedOver }: ListingWriterParts) {
    this.#writer = writer;
    this.#looker = looker;
    this.#looks = looks;
    this.#onPassedOver = onPassedOver;
    this.#directories = database.prepare(`SELECT id, name FROM node WHERE parent = ? AND kind = ${DIRECTORY}`);
  }

  /**
   * Makes the catalogue say what the listing does. Without a cause, what is new was there before anybody looked. Returns the nodes of its directories, in the order of
   * their records; undefined where none is known.
   */
  write({ id, fresh }: ListingTarget, found: FoundListing, cause: Cause | undefined, now: bigint): (ListingTarget | undefined)[] {
    const { listed, record } = found;
    const { sums } = this.#writer;
    let directories: (ListingTarget | undefined)[];
    if (this.#looks.isListedAfter(id, listed.startedMs)) return this.#known(id, record);
    const isUnseen = !this.#looks.isListed(id) && !this.#looks.hasAny(id);
    this.#looks.noteListing(id, listed.startedMs);
    if (cause === undefined && isUnseen && (fresh !== undefined || this.#isEmpty(id))) {
      directories = this.#insert(id, record);
      sums.listAll(id, listed.listing);
    } else if (isSameListing(sums.listing(id), listed.listing)) directories = listed.children === 0 ? [] : this.#known(id, record);
    else directories = this.#compare(id, found, cause, now);
    sums.setListed(id, now);
    return directories;
  }

  #isEmpty(id: NodeId): boolean {
    this.#writer.rows.flush();
    return !this.#writer.rows.hasChildren(id);
  }

  /** Nothing differs from what is known, or more is known by now: only the nodes of the directories are wanted. */
  #known(directory: NodeId, record: PackedReader): (ListingTarget | undefined)[] {
    this.#writer.rows.flush();
    const known = new Map<ByteName, NodeId>();
    for (const { id, name } of this.#directories.iterate(directory) as Iterable<{ id: number; name: Uint8Array }>)
      known.set(nameFromBytes(name), id);
    const directories: (ListingTarget | undefined)[] = [];
    while (record.next()) {
      if (record.type !== DIRECTORY) continue;
      const id = known.get(record.name);
      known.delete(record.name);
      directories.push(id === undefined ? undefined : { id });
    }
    for (const id of known.values()) this.#onPassedOver(id);
    return directories;
  }

  /** The short way, for directories that were never seen: rows in bulk, and no look for what might have moved here. */
  #insert(directory: NodeId, record: PackedReader): ListingTarget[] {
    const { rows, sums } = this.#writer;
    const directories: ListingTarget[] = [];
    const total = { disk: 0, files: 0, directories: 0, unhashed: 0 };
    const hash = noHash();
    let newest = 0n;
    let size = 0;
    let largeSize = 0n;
    while (record.next()) {
      const { type, ctime } = record;
      if (kindOfType(type) === undefined) continue;
      const id = rows.newId();
      rows.insertLater(id, directory, record, ctime);
      if (type === DIRECTORY) {
        sums.begin(id, record.blocks, ctime, { parent: directory, name: record.name });
        directories.push({ id, fresh: freshDirectory(record) });
        continue;
      }
      if (ctime > newest) newest = ctime;
      total.disk += record.blocks;
      total.files++;
      if (type === FILE) {
        if (record.size < LARGE_BYTES) size += record.size;
        else largeSize += BigInt(record.size);
        total.unhashed++;
      } else {
        const state = stateOfRecord(record);
        if (state !== undefined) addHash(hash, entryHash({ ...state, name: record.name }) as Uint32Array);
      }
    }
    sums.add(directory, { ...total, size: largeSize + BigInt(size) }, newest, hash);
    return directories;
  }

  #compare(
    directory: NodeId,
    { listed: { startedMs }, record, unseen }: FoundListing,
    cause: Cause | undefined,
    now: bigint,
  ): (ListingTarget | undefined)[] {
    this.#writer.rows.flush();
    const known = new Map<ByteName, CatalogueNode>();
    for (const child of this.#writer.rows.children(directory)) known.set(child.name, child);
    const directories: (ListingTarget | undefined)[] = [];
    const changed: Cause = cause ?? { origin: 'scan', time: now };
    while (record.next()) {
      const { name } = record;
      const here = known.get(name);
      known.delete(name);
      const found = stateOfRecord(record);
      if (found === undefined) continue;
      const place = { parent: directory, name };
      const isThat = here !== undefined && isSameFile(here, found);
      const isSame = isThat && !differs(here, found);
      // That a node was looked at without its place does not say that it is still there.
      const isOutdated = !isSame && (this.#isOutdated(place, here, startedMs) || (isThat && this.#looks.hasItself(here.id, startedMs)));
      let id: NodeId | undefined;
      if (isSame) id = here.id;
      else if (isOutdated) id = this.#directoryAt(place);
      else if (here === undefined && cause === undefined) id = this.#writer.create(place, found, undefined);
      else id = this.#looker.present(place, isThat ? found : this.#newest(found, startedMs), changed);
      if (record.type !== DIRECTORY) continue;
      const isFresh = !isOutdated && here === undefined && cause === undefined;
      directories.push(id === undefined ? undefined : { id, ...(isFresh && { fresh: freshDirectory(record) }) });
    }
    for (const node of known.values()) {
      if (unseen?.has(node.name) === true) continue;
      if (!this.#isOutdated({ parent: directory, name: node.name }, node, startedMs)) this.#leave(directory, node.name, node.id, changed);
      else if (node.kind === 'directory') this.#onPassedOver(node.id);
    }
    return directories;
  }

  /** A directory that comes from elsewhere may have been looked at itself since: then its row knows more of it than the listing does. */
  #newest(found: NodeState, startedMs: number): NodeState {
    if (found.kind !== 'directory') return found;
    return this.#writer.rows.ofFile(found).find(({ id }) => this.#looks.hasItself(id, startedMs)) ?? found;
  }

  /** Whether a name was looked at since, or listed itself. */
  #isOutdated({ parent, name }: Place, here: CatalogueNode | undefined, startedMs: number): boolean {
    return this.#looks.has(parent, name, startedMs) || (here?.kind === 'directory' && this.#looks.isListedAfter(here.id, startedMs));
  }

  #directoryAt(place: Place): NodeId | undefined {
    const node = this.#writer.rows.at(place);
    return node?.kind === 'directory' ? node.id : undefined;
  }

  /** A name is not in the listing. Its node may have been met under another name of the same listing meanwhile. */
  #leave(directory: NodeId, name: ByteName, id: NodeId, cause: Cause): void {
    const node = this.#writer.rows.at({ parent: directory, name });
    if (node?.id === id) this.#writer.detach(node, cause);
  }
}
