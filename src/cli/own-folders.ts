import { nameFromText } from '../base/names.ts';
import { identityAt } from '../sys/folder-identity.ts';
import type { Context } from './context.ts';

/** The folders of what Varve keeps itself, the store of this command among them, by their identities. */
export async function ownFolders(context: Context): Promise<ReadonlySet<string>> {
  const { dataDir, stateDir, cacheDir } = context.folders;
  const { path } = (await context.stores()).place(context.storeSpecification).settings;
  const paths = [dataDir, stateDir, cacheDir, ...(path === undefined ? [] : [path])];
  return new Set(paths.flatMap((each) => identityAt(nameFromText(each)) ?? []));
}
