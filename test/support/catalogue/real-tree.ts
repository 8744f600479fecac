import { lstatSync, readdirSync } from 'node:fs';
import type { ByteName } from '../../../src/base/names.ts';
import type { CatalogueFill, FilledState } from './fill.ts';

/** Fills in a tree of this machine: names, kinds, sizes, times and inodes as they are; digests by `digestOf`, where it knows one. Not across file systems. */
export function fillFromDisk(
  fill: CatalogueFill,
  path: string,
  digestOf: (path: Buffer, size: number) => Uint8Array | undefined = () => undefined,
): void {
  const top = Buffer.from(path);
  const device = Number(lstatSync(top).dev);
  const waiting = [{ path: top, node: fill.root(top.toString('latin1') as ByteName, stateOf(top)) }];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const name of readdirSync(folder.path, { encoding: 'buffer' })) {
      const below = Buffer.concat([folder.path, Buffer.from('/'), name]);
      const state = stateOf(below);
      const digest = state.type === 8 ? digestOf(below, state.size) : undefined;
      const node = fill.add(folder.node, name.toString('latin1') as ByteName, { ...state, digest });
      if (state.type === 4 && state.device === device) waiting.push({ path: below, node });
    }
  }
}

function stateOf(path: Buffer): FilledState & { readonly device: number } {
  const { mode, size, blocks, mtimeNs, ctimeNs, uid, dev, ino, nlink } = lstatSync(path, { bigint: true });
  return {
    type: Number(mode >> 12n),
    size: Number(size),
    disk: Number(blocks),
    mtime: mtimeNs,
    ctime: ctimeNs,
    uid: Number(uid),
    device: Number(dev),
    inode: ino,
    links: Number(nlink),
  };
}
