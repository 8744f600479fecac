import type { ByteName } from '../base/names.ts';
import type { CatalogueNode, Place } from './types.ts';

/** What a node is called in limbo: its number, and the place that it left. */
export function limboName({ id, parent, name }: CatalogueNode): ByteName {
  return `${id}/${parent}/${name}` as ByteName;
}

/** The place that it left. */
export function placeOfLimboName(limboName: ByteName): Place {
  const [id, parent] = limboName.split('/', 2) as [string, string];
  return { parent: Number(parent), name: limboName.slice(id.length + parent.length + 2) as ByteName };
}
