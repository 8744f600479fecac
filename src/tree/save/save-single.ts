import { CborReader } from '../../base/cbor-reader.ts';
import { SystemError, VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES, Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { readEntry } from '../entry-decoder.ts';
import { encodeRoot } from '../root-block.ts';
import { Owners } from './owners.ts';
import { unpackResults } from './pack.ts';
import type { SavePool } from './pool.ts';
import type { SavedTree } from './save-tree.ts';
import type { Tally } from './tally.ts';

/** Saves one file: the root of the tree is the file itself. */
export async function saveSingle(parts: {
  readonly path: ByteName;
  readonly store: Store;
  readonly pool: SavePool;
  readonly tally: Tally;
}): Promise<SavedTree> {
  const { path, store, pool, tally } = parts;
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1) as ByteName;
  using parent = system().openDirectory(path.slice(0, slash + 1) as ByteName);
  const stat = new Stat();
  parent.stat(name, stat);
  const result = await pool.files({
    directories: [parent.handle],
    names: [name],
    signatures: new Uint8Array(SIGNATURE_BYTES),
    identities: new Map(),
    bytes: stat.size,
  });
  const [file] = unpackResults(result.packed);
  if (file === undefined) {
    const [failure] = result.errors;
    throw failure === undefined ? new SystemError('ENOENT', 'open', showName(path)) : new VarveError(failure.code, failure.message);
  }
  if (file.torn) tally.error(showName(path), 'TORN', 'changed each time it was read; saved as it was read last');
  tally.done(file.sizeBytes);
  tally.readFiles++;
  tally.readBytes += file.sizeBytes;
  const owner = new Owners().of(file.uid, file.gid);
  const root = encodeRoot(readEntry(new CborReader(file.encoded, 'entry'), '' as ByteName, owner));
  await store.add(root);
  return { root, changed: true };
}
