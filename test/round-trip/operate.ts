import { nameFromText } from '../../src/base/names.ts';
import { digestFromText } from '../../src/hash/digest.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { restore } from '../../src/tree/restore/restore.ts';
import { decodeRoot } from '../../src/tree/root-block.ts';
import { save } from '../../src/tree/save/save.ts';

/** A save or a restore in a process of its own, to be limited or killed: `node operate.ts save STORE SOURCE` or `node operate.ts restore STORE TREE TARGET`. Prints the report. */
const [operation, folder, ...names] = process.argv.slice(2) as ['save' | 'restore', string, ...string[]];

const store = new Datadir(folder);
if (operation === 'save') {
  const [source] = names as [string];
  console.log(JSON.stringify(await save({ store, archive: 'test', source: nameFromText(source), options: { threads: 2 } })));
} else {
  const [tree, target] = names as [string, string];
  const root = decodeRoot(await store.get(digestFromText(tree)));
  console.log(JSON.stringify(await restore({ store, root, target: nameFromText(target), options: { threads: 2, delete: true } })));
}
await store.close();
