import type { DatabaseSync } from 'node:sqlite';
import { type ByteName, showName } from '../base/names.ts';
import { History } from '../catalogue/history/history.ts';
import { momentOf } from '../catalogue/history/moments.ts';
import { nodeAt as pastNodeAt } from '../catalogue/history/paths.ts';
import { nodeAt } from '../catalogue/questions/places.ts';
import { type FolderUsage, growthOf, type SummedTree, TreeNow, usageOf } from '../catalogue/questions/usage.ts';
import { FileThen, TreeThen } from '../catalogue/questions/usage-at.ts';
import { type UsageGroup, usageBy } from '../catalogue/questions/usage-by.ts';
import type { NodeId } from '../catalogue/types.ts';
import { system } from '../sys/system.ts';
import type { Context } from './context.ts';
import { knownPlace, NotInCatalogueError, pathInCatalogue } from './known-place.ts';
import { askCatalogue } from './open-catalogue.ts';
import { formatChange, formatCount, formatSize } from './output/amounts.ts';
import type { Output } from './output/output.ts';
import { pad } from './output/table.ts';

export interface LiveUsage {
  readonly depth: number;
  /** The past to show, or to compare with; nanoseconds since 1970. */
  readonly at?: bigint;
  readonly since?: bigint;
  readonly by?: UsageGroup;
}

const WIDTH = 9;

/** Prints the usage of a watched folder or file from the sums of the catalogue. */
export function showLiveUsage(context: Context, given: ByteName, { depth, at, since, by }: LiveUsage): void {
  const { output } = context;
  askCatalogue(context, (database) => {
    const path = pathInCatalogue(database, given);
    if (by !== undefined) return showGroups(output, database, path, by);
    if (since !== undefined) return showGrowth(output, database, path, since, depth);
    const { tree, node } =
      at === undefined ? { tree: new TreeNow(database), node: knownPlace(database, path).node } : treeAt(database, path, at);
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
  const before = treeAt(database, path, since);
  const nodes = { before: before.node, now: nodeAt(database, path) };
  if (nodes.before === undefined && nodes.now === undefined) throw new NotInCatalogueError(path);
  title(output, ['GROWTH', 'BEFORE', 'NOW'], 'FOLDER');
  for (const { path: folder, depth, before: was, now: is } of growthOf(before.tree, new TreeNow(database), { path, ...nodes }, maxDepth)) {
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

/** What had a path then, and the folders in it. Throws TooEarlyError for a time of which nothing is known, NotWatchedError. */
function treeAt(database: DatabaseSync, path: ByteName, time: bigint): { readonly tree: SummedTree; readonly node: NodeId | undefined } {
  const found = pastNodeAt(new History(database), path, time);
  const isFile = found !== undefined && found.state.kind !== 'directory';
  return { tree: isFile ? new FileThen(found.state) : new TreeThen(database, momentOf(database, time)), node: found?.id };
}

function title(output: Output, titles: readonly string[], last: string): void {
  if (!output.json && !output.quiet) output.line(row(titles, last));
}

function row(cells: readonly string[], last: string): string {
  return `${cells.map((cell) => pad(cell, WIDTH, 'right')).join('  ')}  ${last}`;
}
