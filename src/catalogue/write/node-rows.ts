import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { nameToBytes } from '../../base/names.ts';
import type { PackedReader } from '../../sys/packed-entries.ts';
import { typeOfKind } from '../../sys/stat.ts';
import { withSmallSorts } from '../database.ts';
import { lastNodeNumber } from '../numbers.ts';
import { asSigned, NODE_COLUMNS, nodeOfRow, type Row, reading } from '../rows.ts';
import { INODE_INDEX } from '../schema.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../types.ts';
import { differs, isSameFile } from './difference.ts';

/** Columns that a listing tells: all of NODE_COLUMNS but the digest, which is the last. */
const LISTED_COUNT = 15;
const DIRECTORY = typeOfKind('directory');
/**
 * Rows that one statement inserts: binding costs less than starting a statement does. Measured: 1.9 µs a row one by one, 1.5 µs by eight. With OR FAIL, since what fails here rolls the
 * whole transaction back: to be able to take back its first rows alone, SQLite would copy every page that a statement touches.
 */
const ROWS_AT_ONCE = 32;

/** All rows of files with links are read: an index of them would cost more. */
const FOLDERS_OF_LINKS = `WITH linked AS (
    SELECT inode, device FROM node WHERE links > 1 AND kind <> ${DIRECTORY}
    GROUP BY inode, device HAVING min(ctime) < max(ctime) OR count(*) <> max(links)
  )
  SELECT DISTINCT parent FROM linked CROSS JOIN node ON node.inode = linked.inode AND node.device = linked.device WHERE parent > ${NO_DIRECTORY} LIMIT ?`;

/** Reads and writes single rows of `node`; knows nothing of sums and events. */
export class NodeRows {
  readonly #exists: StatementSync;
  readonly #byId: StatementSync;
  readonly #byPlace: StatementSync;
  readonly #idByPlace: StatementSync;
  readonly #database: DatabaseSync;
  /** Undefined as long as inodes have no index. */
  #byInode: StatementSync | undefined;
  readonly #parent: StatementSync;
  readonly #children: StatementSync;
  readonly #hasChildren: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertMany: StatementSync;
  readonly #identity: StatementSync;
  readonly #stat: StatementSync;
  readonly #place: StatementSync;
  /** Triggers keep up `twin` by it, and by nothing else. With OR FAIL as above: it takes 4 µs so, and 8 otherwise. */
  readonly #digest: StatementSync;
  readonly #forgetTwin: StatementSync;
  readonly #delete: StatementSync;
  #nextId: NodeId;
  /** Whether files with several links were first listed since somebody looked for those. */
  #hasListedLinks = false;
  /** Values of rows that wait to be inserted together: a list that is filled again and again, so that it is not made to grow for each insertion. */
  readonly #waiting: SQLInputValue[] = Array(ROWS_AT_ONCE * LISTED_COUNT).fill(null);
  #waitingRows = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const marks = Array(LISTED_COUNT).fill('?').join(',');
    this.#exists = database.prepare('SELECT 1 FROM node WHERE id = ?');
    this.#byId = reading(database, `SELECT ${NODE_COLUMNS} FROM node WHERE id = ?`);
    this.#byPlace = reading(database, `SELECT ${NODE_COLUMNS} FROM node WHERE parent = ? AND name = ?`);
    this.#idByPlace = database.prepare('SELECT id FROM node WHERE parent = ? AND name = ?');
    this.#children = reading(database, `SELECT ${NODE_COLUMNS} FROM node WHERE parent = ?`);
    this.#parent = database.prepare('SELECT parent FROM node WHERE id = ?');
    this.#hasChildren = database.prepare('SELECT 1 FROM node WHERE parent = ? LIMIT 1');
    // A digest comes by itself, since that is what its triggers wait for.
    this.#insert = database.prepare(`INSERT INTO node (${NODE_COLUMNS}) VALUES (${marks}, NULL)`);
    this.#insertMany = database.prepare(
      `INSERT OR FAIL INTO node (${NODE_COLUMNS}) VALUES ${Array(ROWS_AT_ONCE).fill(`(${marks}, NULL)`).join(',')}`,
    );
    this.#identity = database.prepare('UPDATE node SET kind = ?, born = ?, device = ?, inode = ? WHERE id = ?');
    this.#stat = database.prepare(
      'UPDATE node SET size = ?, disk = ?, mtime = ?, ctime = ?, mode = ?, uid = ?, gid = ?, links = ? WHERE id = ?',
    );
    this.#place = database.prepare('UPDATE node SET parent = ?, name = ? WHERE id = ?');
    this.#digest = database.prepare('UPDATE OR FAIL node SET digest = ? WHERE id = ?');
    this.#forgetTwin = database.prepare('UPDATE OR FAIL node SET digest = NULL WHERE id = ? AND twin = 1');
    this.#delete = database.prepare('DELETE FROM node WHERE id = ?');
    this.#nextId = lastNodeNumber(database) + 1;
    if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'node_inode'").get() !== undefined) this.#useInodeIndex();
  }

  /** Makes the index of inodes, if there is none, outside of any transaction. Until then no node is found by its inode. */
  indexInodes(): void {
    if (this.#byInode !== undefined) return;
    withSmallSorts(this.#database, () => this.#database.exec(INODE_INDEX));
    this.#useInodeIndex();
  }

  get hasInodeIndex(): boolean {
    return this.#byInode !== undefined;
  }

  #useInodeIndex(): void {
    this.#byInode = reading(this.#database, `SELECT ${NODE_COLUMNS} FROM node WHERE inode = ?`);
  }

  has(id: NodeId): boolean {
    return this.#exists.get(id) !== undefined;
  }
  get(id: NodeId): CatalogueNode | undefined {
    return asNode(this.#byId.get(id) as Row | undefined);
  }
  at({ parent, name }: Place): CatalogueNode | undefined {
    return asNode(this.#byPlace.get(parent, nameToBytes(name)) as Row | undefined);
  }
  /** The same of its number alone, for a third of the time. */
  idAt({ parent, name }: Place): NodeId | undefined {
    return (this.#idByPlace.get(parent, nameToBytes(name)) as { id: NodeId } | undefined)?.id;
  }
  /** All nodes of a file: several where it has several links, none before inodes have an index. */
  ofFile(state: NodeState): CatalogueNode[] {
    const rows = (this.#byInode?.all(asSigned(state.inode)) ?? []) as Row[];
    return rows.map((row) => asNode(row) as CatalogueNode).filter((node) => isSameFile(node, state));
  }
  /** A file with several links was first listed. */
  noteListedLink(): void {
    this.#hasListedLinks = true;
  }

  /**
   * To be called behind a first scan, outside of any transaction: `most` folders, at the most, of files with several links that may have changed between the listings of two of them, since rows say different things of one file, or there are more or
   * fewer of them than it has links. (The latter holds of each that has links which are not watched.) None when no such file was listed since the last call.
   */
  takeFoldersOfLinks(most: number): NodeId[] {
    if (!this.#hasListedLinks) return [];
    this.#hasListedLinks = false;
    const folders = this.#database.prepare(FOLDERS_OF_LINKS);
    return withSmallSorts(this.#database, () => folders.all(most)).map(({ parent }) => parent as NodeId);
  }

  /** The top of the root, or of what is in limbo, that a node is in; itself when it is gone. */
  topOf(id: NodeId): NodeId {
    for (let at = id; ; ) {
      const parent = Number((this.#parent.get(at) as { parent: number } | undefined)?.parent ?? NO_DIRECTORY);
      if (parent <= NO_DIRECTORY) return at;
      at = parent;
    }
  }
  hasChildren(parent: NodeId): boolean {
    return this.#hasChildren.get(parent) !== undefined;
  }
  children(parent: NodeId): CatalogueNode[] {
    return (this.#children.all(parent) as Row[]).map((row) => asNode(row) as CatalogueNode);
  }

  /** A number that no node has or had. */
  newId(): NodeId {
    return this.#nextId++;
  }

  insert(id: NodeId, place: Place, state: NodeState): void {
    const { size, disk, mtime, ctime, born, mode, uid, gid, device, inode, links, digest } = state;
    const kind = typeOfKind(state.kind);
    this.#insert.run(
      id,
      place.parent,
      nameToBytes(place.name),
      kind,
      size,
      disk,
      mtime,
      ctime,
      born,
      mode,
      uid,
      gid,
      device,
      asSigned(inode),
      links,
    );
    if (digest !== undefined) this.#digest.run(digest, id);
  }

  /** Inserts the row of a listed entry, with others at once: `flush` comes before the next reading. The record's buffer must live until then. */
  insertLater(id: NodeId, parent: NodeId, record: PackedReader, ctime: bigint): void {
    const values = this.#waiting;
    let at = this.#waitingRows * LISTED_COUNT;
    values[at++] = id;
    values[at++] = parent;
    values[at++] = record.nameBytes;
    values[at++] = record.type;
    values[at++] = record.size;
    values[at++] = record.blocks;
    values[at++] = record.mtime;
    values[at++] = ctime;
    values[at++] = record.born;
    values[at++] = record.mode;
    values[at++] = record.uid;
    values[at++] = record.gid;
    values[at++] = record.device;
    values[at++] = record.inodeValue;
    const { links } = record;
    values[at] = links;
    if (links > 1 && record.type !== DIRECTORY) this.noteListedLink();
    if (++this.#waitingRows < ROWS_AT_ONCE) return;
    this.#insertMany.run(...values);
    this.#waitingRows = 0;
  }

  /** Inserts what waits. */
  flush(): void {
    for (let row = 0; row < this.#waitingRows; row++)
      this.#insert.run(...this.#waiting.slice(row * LISTED_COUNT, (row + 1) * LISTED_COUNT));
    this.#waitingRows = 0;
  }

  /** Gives up what waits. */
  reset(): void {
    this.#waitingRows = 0;
  }

  /** Writes what differs in a node's state. What has an index (inode, digest) is left out where it stays: SQLite would make its entries anew. */
  update(node: CatalogueNode, state: NodeState): void {
    const { size, disk, mtime, ctime, mode, uid, gid, links, digest } = state;
    if (!isSameFile(node, state)) {
      const { kind, born, device, inode } = state;
      this.#identity.run(typeOfKind(kind), born, device, asSigned(inode), node.id);
    }
    if (differs(node, state)) this.#stat.run(size, disk, mtime, ctime, mode, uid, gid, links, node.id);
    if (digest !== node.digest) this.#digest.run(digest ?? null, node.id);
  }

  move(id: NodeId, { parent, name }: Place): void {
    this.#place.run(parent, nameToBytes(name), id);
  }

  delete(id: NodeId): void {
    this.#forgetTwin.run(id);
    this.#delete.run(id);
  }
}

function asNode(row: Row | undefined): CatalogueNode | undefined {
  return row === undefined ? undefined : nodeOfRow(row);
}
