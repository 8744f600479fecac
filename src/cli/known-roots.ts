import type { ByteName } from '../base/names.ts';
import { rootPathsOf } from '../catalogue/figures.ts';
import type { Context } from './context.ts';
import { askCatalogueIfThere } from './open-catalogue.ts';

/** The folders that the catalogue of this home watches. Nothing in them is counted for that. */
export function knownRoots(context: Context): ByteName[] {
  return askCatalogueIfThere(context, rootPathsOf, []);
}
