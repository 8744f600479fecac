import type { DatabaseSync } from 'node:sqlite';
import type { NodeId } from '../types.ts';
import { decodeNodes, type NamePage, namesOf, placesWith, placesWithInOrder } from './name-page.ts';

const TRIGRAM = 3;
/** More conditions than these make the look into the index longer and hardly find fewer pages. */
const MAX_TRIGRAMS = 16;

/** Nodes whose indexed name may contain all needles, a page at a time; `isLate` ones may come again. Names may have changed since. */
export function* pagesWith(
  database: DatabaseSync,
  needles: readonly string[],
): Generator<{ readonly nodes: NodeId[]; readonly isLate: boolean }> {
  const [first, ...others] = needles.toSorted((a, b) => b.length - a.length).map((needle) => Buffer.from(needle, 'latin1'));
  for (const { page, isLate } of pages(database, needles)) {
    let places = first === undefined ? undefined : placesWith(page.names, first);
    for (const needle of others) {
      if (places === undefined || places.length === 0) break;
      const also = new Set(placesWith(page.names, needle));
      places = places.filter((place) => also.has(place));
    }
    if (places?.length === 0) continue;
    const nodes = decodeNodes(page.nodes);
    yield { isLate, nodes: places === undefined ? nodes : places.map((place) => nodes[place] as NodeId) };
  }
}

/** Nodes in whose indexed name the bytes of `wanted` stand in this order, with that name, a page at a time. */
export function* pagesWithInOrder(
  database: DatabaseSync,
  wanted: string,
): Generator<{ readonly found: { readonly node: NodeId; readonly name: string }[]; readonly isLate: boolean }> {
  const bytes = Buffer.from(wanted, 'latin1');
  for (const { page, isLate } of pages(database, [])) {
    const places = placesWithInOrder(page.names, bytes);
    if (places.length === 0) continue;
    const nodes = decodeNodes(page.nodes);
    const names = namesOf(page.names);
    yield { isLate, found: places.map((place) => ({ node: nodes[place] as NodeId, name: names[place] as string })) };
  }
}

/** Pages in which all needles may be, those of changed names first. */
function* pages(database: DatabaseSync, needles: readonly string[]): Generator<{ readonly page: NamePage; readonly isLate: boolean }> {
  const late = database.prepare('SELECT nodes, names FROM name_page WHERE late = 1');
  for (const page of late.iterate()) yield { page: page as unknown as NamePage, isLate: true };
  const trigrams = trigramsOf(needles);
  const chosen =
    trigrams.length === 0
      ? database.prepare('SELECT nodes, names FROM name_page WHERE late = 0').iterate()
      : database
          .prepare(
            'SELECT nodes, name_page.names FROM name_trigram CROSS JOIN name_page ON name_page.id = name_trigram.rowid WHERE name_trigram MATCH ? AND late = 0',
          )
          .iterate(trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND '));
  for (const page of chosen) yield { page: page as unknown as NamePage, isLate: false };
}

function trigramsOf(needles: readonly string[]): string[] {
  const all = new Set<string>();
  for (const needle of needles) for (let at = 0; at + TRIGRAM <= needle.length; at++) all.add(needle.slice(at, at + TRIGRAM));
  const step = Math.max(1, all.size / MAX_TRIGRAMS);
  const list = [...all];
  return Array.from({ length: Math.min(list.length, MAX_TRIGRAMS) }, (_, i) => list[Math.floor(i * step)] as string);
}
