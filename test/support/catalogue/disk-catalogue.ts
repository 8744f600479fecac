import { type BigIntStats, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { nameFromText } from '../../../src/base/names.ts';
import { NO_DIRECTORY, type NodeId, type NodeState } from '../../../src/catalogue/types.ts';
import { NaiveWriter } from './naive-writer.ts';

interface Met {
  readonly path: string;
  readonly parent: string;
  readonly name: string;
  readonly stat: BigIntStats;
}

/**
 * A catalogue of a real folder, brought up to date by `scan`: the whole tree is read, and what has another path by its inode was moved. Each content is kept; so files are
 * short. What happened between two scans is one moment.
 */
export class DiskCatalogue {
  readonly writer: NaiveWriter;
  readonly #folder: string;

  constructor(database: DatabaseSync, folder: string) {
    this.#folder = folder;
    this.writer = new NaiveWriter(database, folder);
    this.writer.keepsAll = true;
    this.writer.restate(this.writer.root, stated(lstatSync(folder, { bigint: true })));
    this.writer.isFirstScan = false;
    this.scan();
  }

  scan(): void {
    this.writer.record(() => this.#compare());
  }

  #compare(): void {
    const { writer } = this;
    const met = this.#walk(this.#folder);
    const byFile = new Map(met.map((one) => [fileOf(one.stat.ino, one.stat.birthtimeNs), one]));
    const nodes = [...writer.nodes.values()].filter(({ id }) => id !== writer.root);
    const moved = nodes.filter(({ id, state }) => {
      const there = byFile.get(fileOf(state.inode, state.born));
      return there !== undefined && there.path !== writer.pathOf(id);
    });
    const ids = new Map<string, NodeId>([[this.#folder, writer.root]]);
    for (const { id, state } of nodes) {
      const there = byFile.get(fileOf(state.inode, state.born));
      if (there !== undefined) ids.set(there.path, id);
    }
    // What moves stands nowhere else meanwhile, so that no two ever have one place.
    for (const { id } of moved) writer.move(id, { parent: writer.root, name: nameFromText(`.moving-${id}`) });
    for (const { id, state } of nodes) if (!byFile.has(fileOf(state.inode, state.born)) && writer.nodes.has(id)) writer.remove(id);
    for (const { path, parent, name, stat } of met) {
      const known = ids.get(path);
      const place = { parent: ids.get(parent) ?? NO_DIRECTORY, name: nameFromText(name) };
      if (known === undefined) {
        const kind = stat.isDirectory() ? 'directory' : 'file';
        ids.set(path, writer.create(place, kind, kind === 'file' ? readFileSync(path, 'utf8') : '', stated(stat)));
        continue;
      }
      if (moved.some(({ id }) => id === known)) writer.move(known, place);
      const { state } = writer.nodes.get(known) as { state: NodeState };
      const now = stated(stat);
      if (state.kind === 'file' && (state.size !== now.size || state.mtime !== now.mtime))
        writer.modify(known, readFileSync(path, 'utf8'), now);
      else if (state.mode !== now.mode) writer.chmod(known, now.mode);
      writer.restate(known, now);
    }
  }

  #walk(folder: string): Met[] {
    return readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      const stat = lstatSync(path, { bigint: true });
      const met = { path, parent: folder, name, stat };
      return stat.isDirectory() ? [met, ...this.#walk(path)] : [met];
    });
  }
}

function fileOf(inode: bigint, born: bigint): string {
  return `${inode} ${born}`;
}

/** The numbers of node:fs, as the catalogue has them; 12 bits of a device's number are the major, as glibc puts them for small ones. */
function stated(stat: BigIntStats) {
  const major = Number((stat.dev >> 8n) & 0xfffn);
  const minor = Number((stat.dev & 0xffn) | ((stat.dev >> 12n) & 0xfff00n));
  return {
    mode: Number(stat.mode & 0o7777n),
    mtime: stat.mtimeNs,
    ctime: stat.ctimeNs,
    born: stat.birthtimeNs,
    inode: stat.ino,
    device: major * 2 ** 32 + minor,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    ...(!stat.isDirectory() && { size: Number(stat.size) }),
  };
}
