import type { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { nodeAt, pathBelow } from '../catalogue/questions/places.ts';
import { type FolderUsage, growthOf, type SummedTree, TreeNow, usageOf } from '../catalogue/questions/usage.ts';
import { lastEventAt, TreeThen } from '../catalogue/questions/usage-at.ts';
import { type UsageGroup, usageBy } from '../catalogue/questions/usage-by.ts';
import { IS_WATCHED } from '../catalogue/rows.ts';
import type { NodeId } from '../catalogue/types.ts';
import { system } from '../sys/system.ts';
import type { Context } from './context.ts';
import { knownPlace, NotInCatalogueError, pathInCatalogue } from './known-place.ts';
import { askCatalogue } from './open-catalogue.ts';
import { formatChange, formatCount, formatSize } from './output/amounts.ts';
import type { Output } from './output/output.ts';
import { pad } from './output/table.ts';
import { formatTime } from './output/times.ts';

export interface LiveUsage {
  readonly depth: number;
  /** The past to show, or to compare with; nanoseconds since 1970. */
  readonly at?: bigint;
  readonly since?: bigint;
  readonly by?: UsageGroup;
}

const WIDTH = 9;

/** Prints the usage of a watched folder from the sums of the catalogue. */
export function showLiveUsage(context: Context, given: ByteName, { depth, at, since, by }: LiveUsage): void {
  const { output } = context;
  askCatalogue(context, (database) => {
    const path = pathInCatalogue(database, given);
    if (by !== undefined) return showGroups(output, database, path, by);
    if (since !== undefined) return showGrowth(output, database, path, since, depth);
    const tree = at === undefined ? new TreeNow(database) : treeAt(database, path, at);
    const node = at === undefined ? knownPlace(database, path).node : nodeIn(database, tree, path);
    if (node === undefined) throw new NotInCatalogueError(path);
    title(output, ['SIZE', ...(at === undefined ? ['ON DISK'] : []), 'FILES'], 'FOLDER');
    for (const usage of usageOf(tree, { node, path }, depth)) showUsage(output, usage);
  });
}

function showUsage(output: Output, { path, depth, size, disk, files, directories }: FolderUsage): void {
  const diskBytes = disk === undefined ? undefined : disk * 512;
  output.result({ path: showName(path), depth, files, directories, bytes: size, ...(diskBytes !== undefined && { diskBytes }) }, () => [
    row([formatSize(size), ...(diskBytes === undefined ? [] : [formatSize(diskBytes)]), formatCount(files)], showName(path)),
  ]);
}

function showGrowth(output: Output, database: DatabaseSync, path: ByteName, since: bigint, maxDepth: number): void {
  const [before, now] = [treeAt(database, path, since), new TreeNow(database)];
  const nodes = { before: nodeIn(database, before, path), now: nodeAt(database, path) };
  if (nodes.before === undefined && nodes.now === undefined) throw new NotInCatalogueError(path);
  title(output, ['GROWTH', 'BEFORE', 'NOW'], 'FOLDER');
  for (const { path: folder, depth, before: was, now: is } of growthOf(before, now, { path, ...nodes }, maxDepth)) {
    const growth = (is?.size ?? 0) - (was?.size ?? 0);
    const counts = { files: is?.files ?? 0, filesBefore: was?.files ?? 0 };
    const bytes = { bytes: is?.size ?? null, bytesBefore: was?.size ?? null, growth };
    output.result({ path: showName(folder), depth, ...bytes, ...counts }, () => [
      row(
        [formatChange(growth), was === undefined ? '-' : formatSize(was.size), is === undefined ? '-' : formatSize(is.size)],
        showName(folder),
      ),
    ]);
  }
}

function showGroups(output: Output, database: DatabaseSync, path: ByteName, by: UsageGroup): void {
  title(output, ['SIZE', 'ON DISK', 'FILES'], by.toUpperCase());
  for (const { group, size, disk, files } of usageBy(database, knownPlace(database, path).node, by, BigInt(Date.now()) * 1_000_000n)) {
    const name = by === 'owner' ? (system().userName(Number(group)) ?? group) : group;
    output.result({ [by]: name, files, bytes: size, diskBytes: disk * 512 }, () => [
      row([formatSize(size), formatSize(disk * 512), formatCount(files)], name === '' ? '(no extension)' : showName(name as ByteName)),
    ]);
  }
}

/** The folders as they were. Throws UsageError for a time before the folder was watched. */
function treeAt(database: DatabaseSync, path: ByteName, time: bigint): SummedTree {
  const root = rootsOf(database).find(({ path: top }) => pathBelow(top, path) !== undefined);
  if (root === undefined) throw new NotInCatalogueError(path);
  if (time < root.added) {
    const added = formatTime({ seconds: Number(root.added / 1_000_000_000n), nanoseconds: 0 });
    throw new UsageError(`${showName(root.path)} is watched only since ${added}`, 'Name a later time.');
  }
  return new TreeThen(database, lastEventAt(database, time));
}

/** The folder of a path by the names of that time; the top of a root is where it is. */
function nodeIn(database: DatabaseSync, tree: SummedTree, path: ByteName): NodeId | undefined {
  for (const root of rootsOf(database)) {
    const rest = pathBelow(root.path, path);
    if (rest === undefined) continue;
    let node: NodeId | undefined = root.node;
    for (const name of rest.split('/').filter((part) => part !== ''))
      node = node === undefined ? undefined : tree.childOf(node, name as ByteName);
    if (node !== undefined) return node;
  }
  return undefined;
}

/** Innermost first. */
function rootsOf(database: DatabaseSync): { node: NodeId; path: ByteName; added: bigint }[] {
  const roots = database
    .prepare(`SELECT node, path, CAST(added AS TEXT) AS added FROM root WHERE ${IS_WATCHED} ORDER BY length(path) DESC`)
    .all();
  return roots.map(({ node, path, added }) => ({
    node: node as NodeId,
    path: Buffer.from(path as Uint8Array).toString('latin1') as ByteName,
    added: BigInt(added as string),
  }));
}

function title(output: Output, titles: readonly string[], last: string): void {
  if (!output.json && !output.quiet) output.line(row(titles, last));
}

function row(cells: readonly string[], last: string): string {
  return `${cells.map((cell) => pad(cell, WIDTH, 'right')).join('  ')}  ${last}`;
}
