import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { nameFromText } from '../../src/base/names.ts';
import { decodeRef } from '../../src/block/ref-codec.ts';
import { RefReader } from '../../src/block/ref-reader.ts';
import type { Keeper } from '../../src/catalogue/keep/keeper.ts';
import type { FileAnswer, KeptContent, LiveFile } from '../../src/catalogue/keep/types.ts';
import type { Store } from '../../src/store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../src/sys/stat.ts';
import { system } from '../../src/sys/system.ts';

/** A file as it is now, to be hashed, and kept unless told otherwise. */
export function liveFile(path: string, keep = true): LiveFile {
  const directory = nameFromText(dirname(path));
  const name = nameFromText(path.slice(dirname(path).length + 1));
  const stat = new Stat();
  using opened = system().openDirectory(directory);
  opened.stat(name, stat);
  const signature = new Uint8Array(SIGNATURE_BYTES);
  stat.signature(signature, 0);
  return { directory, name, signature, keep };
}

/** Hashes files once all of them are quiet. */
export async function hashQuiet(keeper: Keeper, paths: readonly string[], keep = true): Promise<FileAnswer[]> {
  for (;;) {
    const answers = await keeper.hash(paths.map((path) => liveFile(path, keep)));
    if (answers.every(({ kind }) => kind !== 'changed')) return answers;
    await setTimeout(10);
  }
}

/** Waits until a file that was just written counts as quiet. */
export async function untilQuiet(keeper: Keeper, path: string): Promise<void> {
  await hashQuiet(keeper, [path], false);
}

export async function readContent(store: Store, { ref, size }: Pick<KeptContent, 'ref' | 'size'>): Promise<Buffer> {
  return Buffer.from(await new RefReader(store).read(decodeRef(ref), 0, size));
}
