import fs from 'node:fs';
import type { Bounds } from '../../chunk/types.ts';
import type { HashAlgorithm } from '../../hash/types.ts';
import { makeFolder } from '../../sys/durable.ts';
import { UnreachableStoreError } from '../errors.ts';
import { makeFolders } from './folders.ts';
import { createHeader, readHeader, type StoreHeader } from './header.ts';
import type { Layout } from './layout.ts';
import { makeReserve } from './reserve.ts';

/** What a new store is to be like. */
export interface NewStore {
  readonly hash: HashAlgorithm;
  readonly chunking: Bounds;
}

/** Makes a store in a new or empty folder, unless another process has just done so; UnreachableStoreError when none is to be made, or something else is there. */
export function createStore(layout: Layout, wanted: NewStore | undefined): StoreHeader {
  if (wanted === undefined) {
    throw new UnreachableStoreError(layout.root, 'there is no store here', {
      advice: `Mount its disk if that is away, or make one with: varve init ${layout.root}`,
    });
  }
  makeFolder(layout.root);
  const foreign = fs.readdirSync(layout.root).filter((file) => !/^store(\.copy)?\.json(\..*\.tmp)?$/.test(file));
  // Another process may have made it just now.
  const made = foreign.length > 0 ? readHeader(layout) : undefined;
  if (made !== undefined) return made;
  if (foreign.length > 0) {
    throw new UnreachableStoreError(layout.root, `a store cannot be made here: the folder holds other things (${foreign[0]})`, {
      advice: 'Name an empty or new folder.',
    });
  }
  const header = createHeader(layout, wanted.hash, wanted.chunking);
  makeFolders(layout);
  makeReserve(layout);
  return header;
}
