import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { type ByteName, nameFromBytes, nameFromText, showName } from '../../src/base/names.ts';
import { checkCatalogue } from '../../src/catalogue/check/check.ts';
import { openForReading } from '../../src/catalogue/database.ts';
import { NODE_COLUMNS, nodeOfRow } from '../../src/catalogue/rows.ts';
import { CatalogueService } from '../../src/catalogue/service.ts';
import type { ServiceOptions } from '../../src/catalogue/service-types.ts';
import { type CatalogueNode, LIMBO, NO_DIRECTORY, type NodeId } from '../../src/catalogue/types.ts';
import type { WatcherKind } from '../../src/sys/watch/types.ts';
import { scratchFolder } from './scratch.ts';

/** A catalogue at work over a root of its own, and beside it a folder that it does not watch. */
export interface LiveCatalogue {
  readonly root: string;
  readonly outside: string;
  readonly database: string;
  readonly service: CatalogueService;
  /** For questions, beside the writer. */
  readonly reader: DatabaseSync;
  /** Ends the service; another can be started over the same home. */
  close(): Promise<void>;
}

export interface LiveCatalogueOptions {
  readonly watcher?: WatcherKind | 'none';
  /** A folder from an earlier one. */
  readonly home?: string;
  /** Folders to be watched in place of `root`, by their paths below `home`. The first is `root` then; with none, those that are known alone are watched. */
  readonly roots?: readonly string[];
  /** Where the catalogue is kept, below `home`. */
  readonly own?: string;
  /** Owners, history and keeping, as a service takes them. */
  readonly service?: Pick<ServiceOptions, 'keep' | 'owners' | 'history' | 'scanBatchBytes' | 'onProblem'>;
}

/** Starts a catalogue, which ends with the test. */
export async function liveCatalogue(
  context: TestContext,
  {
    watcher,
    home = realpathSync(scratchFolder(context)),
    roots: names = ['root'],
    own: ownName = 'home',
    service: options,
  }: LiveCatalogueOptions = {},
): Promise<LiveCatalogue> {
  const [outside, own, ...roots] = ['outside', ownName, ...names].map((name) => join(home, name)) as [string, string, ...string[]];
  const [root = join(home, 'root')] = roots;
  for (const folder of [outside, own, ...roots]) mkdirSync(folder, { recursive: true });
  const database = join(own, 'catalogue.db');
  let failure: unknown;
  const service = new CatalogueService({
    database,
    roots: roots.map(nameFromText),
    own: [nameFromText(own)],
    // One listing may overtake another.
    scanThreads: 2,
    ...(watcher !== undefined && { watcher }),
    ...options,
    onFailure: (error) => {
      failure = error;
      context.diagnostic(`the catalogue failed: ${error instanceof Error ? error.stack : error}`);
    },
  });
  const reader = openForReading(database);
  assert.ok(reader);
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    reader.close();
    await service.close();
    if (failure !== undefined) throw failure;
  };
  context.after(close);
  return { root, outside, database, service, reader, close };
}

/** What an independent walk finds: paths below the top, each with what lstat says of it. */
export function walkDisk(top: string): Map<ByteName, string> {
  const found = new Map<ByteName, string>();
  const visit = (path: Buffer, below: ByteName) => {
    for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
      const full = Buffer.concat([path, SLASH, entry.name]);
      const name = (below === '' ? nameFromBytes(entry.name) : `${below}/${nameFromBytes(entry.name)}`) as ByteName;
      found.set(name, described(lstatSync(full, { bigint: true })));
      if (entry.isDirectory()) visit(full, name);
    }
  };
  visit(Buffer.from(top), '' as ByteName);
  return found;
}

/** The same of the catalogue, with the node of each path. */
export function walkCatalogue(
  reader: DatabaseSync,
): Map<ByteName, { readonly id: NodeId; readonly state: string; readonly node: CatalogueNode }> {
  const statement = reader.prepare(`SELECT ${NODE_COLUMNS} FROM node`);
  statement.setReadBigInts(true);
  const nodes = new Map<NodeId, CatalogueNode>();
  for (const row of statement.iterate()) {
    const node = nodeOfRow(row as Parameters<typeof nodeOfRow>[0]);
    nodes.set(node.id, node);
  }
  const paths = new Map<NodeId, ByteName>();
  const pathOf = (node: CatalogueNode): ByteName => {
    if (node.parent === NO_DIRECTORY) return '' as ByteName;
    assert.notEqual(node.parent, LIMBO, 'nothing is in limbo while nothing is scanned');
    const above = paths.get(node.parent) ?? pathOf(nodes.get(node.parent) as CatalogueNode);
    const path = (above === '' ? node.name : `${above}/${node.name}`) as ByteName;
    paths.set(node.id, path);
    return path;
  };
  const found = new Map<ByteName, { id: NodeId; state: string; node: CatalogueNode }>();
  for (const node of nodes.values())
    if (node.parent !== NO_DIRECTORY) found.set(pathOf(node), { id: node.id, state: stateText(node), node });
  return found;
}

/**
 * Fails unless the catalogue says of every file below the root what the disk does, its events are in the order of their times, and all its invariants hold. Of the inodes `linked` only the number is compared: the kernel tells of a
 * change under the name through which it was made alone, and a link that came and went between two looks may have been that.
 */
export function assertEqualsDisk(
  { root, reader }: Pick<LiveCatalogue, 'root' | 'reader'>,
  linked: ReadonlySet<bigint> = new Set(),
): ReturnType<typeof walkCatalogue> {
  const disk = walkDisk(root);
  const catalogue = walkCatalogue(reader);
  const differences: string[] = [];
  for (const [path, state] of disk) {
    const known = catalogue.get(path);
    if (known === undefined) differences.push(`only on disk: ${showName(path)}`);
    else if (known.state !== state && !linked.has(known.node.inode))
      differences.push(`${showName(path)}: disk ${state}, catalogue ${known.state}`);
  }
  for (const path of catalogue.keys()) if (!disk.has(path)) differences.push(`only in the catalogue: ${showName(path)}`);
  const late = reader
    .prepare('SELECT id FROM (SELECT id, time, lag(time) OVER (ORDER BY id) AS before FROM event) WHERE time < before LIMIT 1')
    .get();
  if (late !== undefined) differences.push(`event ${late.id} is told behind a later one`);
  checkCatalogue(reader, ({ node, problem }) => differences.push(`node ${node}: ${problem}`));
  assert.deepEqual(differences.slice(0, 20), []);
  return catalogue;
}

/** Where the nodes of a catalogue are. */
export type Places = Map<NodeId, string>;

export function placesOf(reader: DatabaseSync): Places {
  const rows = reader.prepare('SELECT id, parent, name FROM node').all() as { id: number; parent: number; name: Uint8Array }[];
  return new Map(rows.map(({ id, parent, name }) => [id, `${parent}/${nameFromBytes(name)}`]));
}

/** Plays the events after number `after` on `places`, as somebody would who knows nothing else. Returns the number of the last. */
export function replay(reader: DatabaseSync, places: Places, after: number): number {
  const statement = reader.prepare('SELECT id, node, kind, fromParent, fromName, toParent, toName FROM event WHERE id > ? ORDER BY id');
  let last = after;
  for (const row of statement.iterate(after) as Iterable<EventRow>) {
    last = row.id;
    const from = row.fromParent === null ? undefined : `${row.fromParent}/${nameFromBytes(row.fromName as Uint8Array)}`;
    if (from !== undefined) assert.equal(places.get(row.node), from, `event ${row.id} says where node ${row.node} was`);
    if (row.toParent !== null) places.set(row.node, `${row.toParent}/${nameFromBytes(row.toName as Uint8Array)}`);
    else if (from !== undefined) places.delete(row.node);
  }
  return last;
}

interface EventRow {
  readonly id: number;
  readonly node: number;
  readonly fromParent: number | null;
  readonly fromName: Uint8Array | null;
  readonly toParent: number | null;
  readonly toName: Uint8Array | null;
}

const SLASH = Buffer.from('/');
const KINDS: Record<string, number> = { fifo: 1, character: 2, directory: 4, block: 6, file: 8, symlink: 10, socket: 12 };

function described(
  stat: ReturnType<typeof lstatSync> & {
    ino: bigint;
    mode: bigint;
    size: bigint;
    mtimeNs: bigint;
    ctimeNs: bigint;
    uid: bigint;
    gid: bigint;
    nlink: bigint;
  },
): string {
  const isDirectory = (stat.mode & 0o170000n) === 0o040000n;
  // Size, link count and times of a directory follow what is in it, and are taken over when it is looked at itself.
  const own = isDirectory ? '' : ` ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} links ${stat.nlink}`;
  return `mode ${stat.mode.toString(8)} inode ${stat.ino} owner ${stat.uid}:${stat.gid}${own}`;
}

/** What `walkDisk` says of a file in such a state. */
export function stateText(
  node: Pick<CatalogueNode, 'kind' | 'size' | 'mtime' | 'ctime' | 'links' | 'mode' | 'inode' | 'uid' | 'gid'>,
): string {
  const own = node.kind === 'directory' ? '' : ` ${node.size} ${node.mtime} ${node.ctime} links ${node.links}`;
  const mode = ((KINDS[node.kind] as number) << 12) | node.mode;
  return `mode ${mode.toString(8)} inode ${node.inode} owner ${node.uid}:${node.gid}${own}`;
}
