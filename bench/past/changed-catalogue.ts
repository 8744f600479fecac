import type { DatabaseSync } from 'node:sqlite';
import { NODE_COLUMNS } from '../../src/catalogue/rows.ts';
import { encodeState } from '../../src/catalogue/state-codec.ts';
import { EVENT_KINDS, type EventKind, NO_DIRECTORY, type NodeId } from '../../src/catalogue/types.ts';
import { DIRECTORY, FILE } from '../../test/support/catalogue/fill.ts';
import { Random } from '../../test/support/random.ts';

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
/** Each folder of the top has so many folders, and each of those so many files at first. */
const FOLDERS = 100;
const FILES = 20;
const PROGRAMS = 50;

interface Item {
  readonly id: NodeId;
  parent: NodeId;
  name: string;
  readonly type: number;
  size: number;
}

type Place = Pick<Item, 'parent' | 'name'>;

/** Fills a catalogue with a folder `/r` of about 200 000 files (`part` of them) and so many events a second apart, by which files come, change, move and go, and folders move. Returns the time of its beginning, in ns. */
export function fillWithChanges(database: DatabaseSync, events: number, part = 1): bigint {
  database.exec('BEGIN');
  const changes = new Changes(database);
  const top = changes.make({ parent: NO_DIRECTORY, name: '/r' }, DIRECTORY, 0);
  database.prepare('INSERT INTO root (node, path, added) VALUES (?, ?, ?)').run(top.id, Buffer.from('/r'), START - SECOND);
  for (let i = 0; i < FOLDERS * part; i++) {
    const above = changes.make({ parent: top.id, name: `area ${i}` }, DIRECTORY, 0);
    for (let j = 0; j < FOLDERS; j++) {
      const folder = changes.make({ parent: above.id, name: `folder ${i}-${j}` }, DIRECTORY, 0);
      for (let k = 0; k < FILES; k++) changes.make({ parent: folder.id, name: `file ${k}` }, FILE, 1000 + k);
    }
  }
  for (let i = 0; i < PROGRAMS; i++)
    database.prepare('INSERT INTO process VALUES (?, ?, 0, ?, NULL, ?)').run(i + 1, i + 1, Buffer.from(`/usr/bin/program-${i}`), i % 5);
  while (changes.count < events) changes.play();
  changes.writeSums();
  database.exec('COMMIT');
  return START;
}

class Changes {
  count = 0;
  readonly #database: DatabaseSync;
  readonly #random = new Random(1);
  readonly #files: Item[] = [];
  readonly #areas: Item[] = [];
  readonly #folders: Item[] = [];
  readonly #insert;
  readonly #write;
  #lastId = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(`INSERT INTO node (${NODE_COLUMNS}) VALUES (?, ?, ?, ?, ?, 8, 0, 0, 0, 420, 0, 0, 1, ?, 1, NULL)`);
    this.#write = database.prepare(
      'INSERT INTO event (time, node, kind, origin, process, fromParent, fromName, toParent, toName, within, before) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, NULL, ?)',
    );
  }

  make({ parent, name }: Place, type: number, size: number): Item {
    const item = { id: ++this.#lastId, parent, name, type, size };
    this.#insert.run(item.id, parent, Buffer.from(name), type, size, item.id);
    const list = type === FILE ? this.#files : parent === NO_DIRECTORY ? undefined : parent === 1 ? this.#areas : this.#folders;
    list?.push(item);
    return item;
  }

  play(): void {
    const choice = this.#random.below(100);
    const file = this.#random.pick(this.#files);
    if (choice < 50) this.#modify(file);
    else if (choice < 70) {
      const to = { parent: this.#random.pick(this.#folders).id, name: `new ${this.#lastId}` };
      this.#event(this.make(to, FILE, this.#random.below(100_000)), 'created', { to });
    } else if (choice < 88) this.#remove();
    else if (choice < 99) this.#move(file, this.#random.pick(this.#folders).id);
    else this.#move(this.#random.pick(this.#folders), this.#random.pick(this.#areas).id);
  }

  /** What is there now, added up from nothing. */
  writeSums(): void {
    this.#database.exec(`
      INSERT INTO directory (node, disk) SELECT id, 8 FROM node WHERE kind = ${DIRECTORY};
      UPDATE directory SET (size, disk, files) = (SELECT coalesce(sum(size), 0), 8 + 8 * count(*), count(*) FROM node WHERE parent = directory.node AND kind = ${FILE});
    `);
    for (const level of ['(SELECT id FROM node WHERE parent = 1)', '(1)'])
      this.#database.exec(`
        UPDATE directory SET (size, disk, files, directories) = (
          SELECT directory.size + coalesce(sum(below.size), 0), directory.disk + coalesce(sum(below.disk), 0),
            directory.files + coalesce(sum(below.files), 0), coalesce(sum(below.directories + 1), 0)
          FROM node JOIN directory AS below ON below.node = node.id WHERE node.parent = directory.node)
        WHERE node IN ${level}`);
  }

  #modify(file: Item): void {
    this.#event(file, 'modified', {});
    file.size = this.#random.below(100_000);
    this.#database.prepare('UPDATE node SET size = ? WHERE id = ?').run(file.size, file.id);
  }

  #remove(): void {
    const at = this.#random.below(this.#files.length);
    const file = this.#files[at] as Item;
    this.#files[at] = this.#files.at(-1) as Item;
    this.#files.pop();
    this.#event(file, 'deleted', { from: { ...file } });
    this.#database.prepare('DELETE FROM node WHERE id = ?').run(file.id);
  }

  #move(item: Item, parent: NodeId): void {
    const to = { parent, name: `moved ${this.count}` };
    this.#event(item, 'moved', { from: { ...item }, to });
    Object.assign(item, to);
    this.#database.prepare('UPDATE node SET parent = ?, name = ? WHERE id = ?').run(parent, Buffer.from(to.name), item.id);
  }

  #event(item: Item, kind: EventKind, { from, to }: { readonly from?: Place; readonly to?: Place }): void {
    const { id, type, size } = item;
    const times = { mtime: 0n, ctime: 0n, born: 0n };
    const state = {
      kind: type === FILE ? 'file' : 'directory',
      size,
      disk: 8,
      ...times,
      mode: 420,
      uid: 0,
      gid: 0,
      device: 1,
      links: 1,
    } as const;
    this.#write.run(
      START + BigInt(++this.count) * SECOND,
      id,
      EVENT_KINDS.indexOf(kind),
      this.#random.below(PROGRAMS) + 1,
      ...place(from),
      ...place(to),
      kind === 'created' ? null : encodeState({ ...state, inode: BigInt(id), digest: undefined }),
    );
  }
}

function place(at: Place | undefined): [number | null, Buffer | null] {
  return at === undefined ? [null, null] : [at.parent, Buffer.from(at.name)];
}
