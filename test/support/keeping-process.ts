import fs from 'node:fs';
import { join } from 'node:path';
import { decodeRef } from '../../src/block/ref-codec.ts';
import { refToText } from '../../src/block/ref-text.ts';
import { Keeper } from '../../src/catalogue/keep/keeper.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { liveFile } from './live-files.ts';

/**
 * A program that keeps the files of a folder, again and again, until it is killed: `node keeping-process.ts STORE FOLDER`. It prints the ref of every content that a commit has
 * returned, a line each.
 */
const [folder, live] = process.argv.slice(2) as [string, string];
const keeper = new Keeper({ store: new Datadir(folder), threads: 2 });
const paths = fs.readdirSync(live).map((name) => join(live, name));

for (let at = 0; ; at = (at + 10) % paths.length) {
  void keeper.hash(paths.slice(at, at + 10).map((path) => liveFile(path)));
  await keeper.ready();
  for (const { ref } of await keeper.commit()) process.stdout.write(`${refToText(decodeRef(ref))}\n`);
}
