import { createHash } from 'node:crypto';
import { VarveError } from '../../src/base/errors.ts';
import type { ByteName } from '../../src/base/names.ts';
import { digestFromText } from '../../src/hash/digest.ts';
import type { Store } from '../../src/store/types.ts';
import { Archive } from '../../src/tree/archive.ts';
import { decodeRoot } from '../../src/tree/root-block.ts';
import type { Entry, TouchedFile } from '../../src/tree/types.ts';
import { StoredTree } from '../../src/tree/view.ts';

/** Every file of every revision, as `archive time path`, with the hash of what is read of it. What cannot be read is left out, from single files to whole revisions. */
export async function readableFiles(store: Store): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of await store.archives()) {
    for (const { time, tree } of (await new Archive(store.archive(name)).read()).revisions) {
      await ifReadable(async () => {
        const view = new StoredTree(store, decodeRoot(await store.get(digestFromText(tree))));
        await readDirectory(view, view.root, '', (path, hash) => files.set(`${name} ${time} ${path}`, hash));
      });
    }
  }
  return files;
}

/** Whether `touched` names a file, itself or by a directory around it. */
export function isTouched(file: string, touched: readonly TouchedFile[]): boolean {
  return touched.some(({ archive, time, path }) => {
    const prefix = `${archive} ${time} `;
    if (!file.startsWith(prefix)) return false;
    const inside = file.slice(prefix.length);
    const part = path.indexOf('(the entries up to');
    return path === '.' || inside === path || inside.startsWith(`${path}/`) || (part >= 0 && inside.startsWith(path.slice(0, part)));
  });
}

async function readDirectory(view: StoredTree, directory: Entry, path: string, found: (path: string, hash: string) => void): Promise<void> {
  await ifReadable(async () => {
    for await (const batch of view.entries(directory)) {
      for (const entry of batch) {
        const inside = path === '' ? entry.name : `${path}/${entry.name}`;
        if (entry.kind === 'directory') await readDirectory(view, entry, inside, found);
        else await ifReadable(async () => found(inside, await hashOf(view, entry, inside as ByteName)));
      }
    }
  });
}

async function hashOf(view: StoredTree, file: Entry, path: ByteName): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of view.read(file, path)) hash.update(piece);
  return hash.digest('hex');
}

/** What a store may say of damage is one of our errors; anything else is a bug, and goes on. */
async function ifReadable(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof VarveError)) throw error;
  }
}
