import type { ByteName } from '../../../src/base/names.ts';
import type { NodeId } from '../../../src/catalogue/types.ts';
import { blake3 } from '../../../src/hash/blake3.ts';
import type { Random } from '../random.ts';
import { type CatalogueFill, DIRECTORY, FILE, SYMLINK } from './fill.ts';

/** Parts that names are made of: usual ones, capitals, several scripts, what shells and databases take for syntax, a line end, and bytes that are no UTF-8. */
const PARTS = [
  'a',
  'b',
  'Ab',
  'report',
  'IMG_',
  '-01',
  '2024',
  '.txt',
  '.jpg',
  '.JPG',
  ' ',
  "'",
  '"',
  '*',
  '[x]',
  '%',
  '\\',
  '\n',
  'é',
  'É',
  'σ',
  'ς',
  '文',
];
const RAW = ['\xff', '\xc3', '\x80\xfe'];

export interface InventedNode {
  readonly node: NodeId;
  readonly parent: NodeId;
  readonly name: ByteName;
  readonly path: ByteName;
  readonly type: number;
  readonly size: number;
}

export function inventedName(random: Random): ByteName {
  let name = '';
  for (let count = 1 + random.below(4); count > 0; count--) {
    name += random.chance(0.1) ? random.pick(RAW) : Buffer.from(random.pick(PARTS), 'utf8').toString('latin1');
  }
  return name as ByteName;
}

/** Fills in a tree of `count` nodes with difficult names below `root`; equal sizes have equal content, and a part of the files no digest. */
export function fillInvented(fill: CatalogueFill, random: Random, count: number, root = '/invented' as ByteName): InventedNode[] {
  const top = fill.root(root);
  const all: InventedNode[] = [{ node: top, parent: 0, name: root, path: root, type: DIRECTORY, size: 4096 }];
  const folders = [all[0] as InventedNode];
  const taken = new Set<string>();
  while (all.length < count) {
    const folder = random.pick(folders);
    const name = inventedName(random);
    const path = `${folder.path}/${name}` as ByteName;
    if (taken.has(path)) continue;
    taken.add(path);
    const type = random.chance(0.2) ? DIRECTORY : random.chance(0.1) ? SYMLINK : FILE;
    const size = type === DIRECTORY ? 4096 : random.below(50);
    const digest = type === FILE && random.chance(0.7) ? blake3.hash(Buffer.from(String(size))) : undefined;
    const mtime = 1_600_000_000_000_000_000n + BigInt(random.below(1_000_000)) * 1_000_000n;
    const node = fill.add(folder.node, name, { type, size, digest, mtime, uid: random.below(3) });
    const item = { node, parent: folder.node, name, path, type, size };
    all.push(item);
    if (type === DIRECTORY) folders.push(item);
  }
  return all;
}
