import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { digestFromText } from '../../src/hash/digest.ts';
import type { Store } from '../../src/store/types.ts';
import { decodeRoot } from '../../src/tree/root-block.ts';
import { StoredTree } from '../../src/tree/view.ts';
import { walk } from '../../src/tree/walk.ts';

/** Names and contents of a folder on disk, as one hash: what a revision of it must read as, for ever. */
export function fingerprintOfFolder(folder: string): string {
  const lines: string[] = [];
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const relative = path.slice(folder.length + 1);
    lines.push(entry.isDirectory() ? `${relative}/` : `${relative} ${sha256([fs.readFileSync(path)])}`);
  }
  return summary(lines);
}

/** The same of a tree in a store, every byte of it read. Throws what the store throws. */
export async function fingerprintOfTree(store: Store, tree: string): Promise<string> {
  const view = new StoredTree(store, decodeRoot(await store.get(digestFromText(tree))));
  const lines: string[] = [];
  for await (const items of walk(view)) {
    for (const { path, entry, depth } of items) {
      if (depth === 0) continue;
      if (entry.kind === 'directory') {
        lines.push(`${path}/`);
        continue;
      }
      const pieces: Uint8Array[] = [];
      for await (const piece of view.read(entry, path)) pieces.push(Buffer.from(piece));
      lines.push(`${path} ${sha256(pieces)}`);
    }
  }
  return summary(lines);
}

function summary(lines: string[]): string {
  return sha256([Buffer.from(lines.sort().join('\n'))]);
}

function sha256(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
