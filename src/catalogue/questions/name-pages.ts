import type { DatabaseSync } from 'node:sqlite';
import type { NodeId } from '../types.ts';
import { isAscii, nameOfBlob } from './fold.ts';
import { decodeNodes, type NamePage, namesOf, placesWith, placesWithInOrder } from './name-page.ts';
import type { Needles } from './term.ts';

const TRIGRAM = 3;
/** More conditions than these make the look into the index longer and hardly find fewer pages. */
const MAX_TRIGRAMS = 16;

/**
 * Nodes in whose indexed name the needles are, a page at a time; `isLate` ones may come again. Names may have changed since. `mayMatch` is what else is known of a folded name of ASCII:
 * it spares looking up nodes that cannot be meant.
 */
export function* pagesWith(
  database: DatabaseSync,
  needles: Needles,
  mayMatch?: (folded: string) => boolean,
): Generator<{ readonly nodes: NodeId[]; readonly isLate: boolean }> {
  // The longest is likely to be the rarest.
  const lists = needles.map((list) => list.toSorted((a, b) => b.length - a.length));
  for (const page of pages(database, lists)) {
    const { text, isLate } = page;
    const accepts = mayMatch === undefined || page.isAscii ? mayMatch : (name: string) => !isAscii(name) || mayMatch(name);
    const found = lists.map((list) => placesWith(text, list, accepts));
    const places = found.length === 1 ? (found[0] as number[]) : [...new Set(found.flat())].sort((a, b) => a - b);
    if (places.length === 0) continue;
    const nodes = page.nodes();
    yield { isLate, nodes: places.map((place) => nodes[place] as NodeId) };
  }
}

/** Nodes in whose indexed name the bytes of `wanted` stand in this order, with that name, a page at a time. */
export function* pagesWithInOrder(
  database: DatabaseSync,
  wanted: string,
): Generator<{ readonly found: { readonly node: NodeId; readonly name: string }[]; readonly isLate: boolean }> {
  for (const { text, nodes, isLate } of pages(database, [[]])) {
    const places = placesWithInOrder(text, wanted);
    if (places.length === 0) continue;
    const all = nodes();
    const names = namesOf(text);
    yield { isLate, found: places.map((place) => ({ node: all[place] as NodeId, name: names[place] as string })) };
  }
}

interface Page {
  /** Its names as bytes: see `pageText`. */
  readonly text: string;
  readonly isAscii: boolean;
  readonly isLate: boolean;
  /** The nodes of the names, in their order. */
  nodes(): NodeId[];
}

/**
 * Pages in which the needles may be, those of changed names first. Names are read as text, and as bytes only where that may have lost some: SQLite's blobs become an ArrayBuffer each, and to collect those of all
 * pages takes longer than to look through them. For the same reason nodes are read of those pages alone in which something was found.
 */
function* pages(database: DatabaseSync, needles: Needles): Generator<Page> {
  const columns = database.prepare('SELECT nodes, names FROM name_page WHERE id = ?');
  const expression = expressionOf(needles);
  yield* read('name_page WHERE late = 1', true);
  if (expression === undefined) yield* read('name_page WHERE late = 0', false);
  else {
    const chosen = 'name_trigram CROSS JOIN name_page ON name_page.id = name_trigram.rowid WHERE name_trigram MATCH ? AND late = 0';
    yield* read(chosen, false, expression);
  }

  function* read(from: string, isLate: boolean, ...values: string[]): Generator<Page> {
    const statement = database.prepare(`SELECT name_page.id, CAST(name_page.names AS TEXT) FROM ${from}`);
    statement.setReturnArrays(true);
    for (const [id, text] of statement.iterate(...values) as unknown as Iterable<[number, string]>) {
      const blobs = (): NamePage => columns.get(id) as unknown as NamePage;
      const isAscii = Buffer.byteLength(text) === text.length;
      yield { text: isAscii ? text : nameOfBlob(blobs().names), isAscii, isLate, nodes: () => decodeNodes(blobs().nodes) };
    }
  }
}

/** What pages are asked of FTS5; undefined where some of the needles are too short to have a trigram. */
function expressionOf(needles: Needles): string | undefined {
  const parts = needles.map((list) => trigramsOf(list).map((trigram) => `"${trigram.replaceAll('"', '""')}"`));
  if (parts.some((trigrams) => trigrams.length === 0)) return undefined;
  return parts.map((trigrams) => `(${trigrams.join(' AND ')})`).join(' OR ');
}

function trigramsOf(needles: readonly string[]): string[] {
  const all = new Set<string>();
  for (const needle of needles) for (let at = 0; at + TRIGRAM <= needle.length; at++) all.add(needle.slice(at, at + TRIGRAM));
  const step = Math.max(1, all.size / MAX_TRIGRAMS);
  const list = [...all];
  return Array.from({ length: Math.min(list.length, MAX_TRIGRAMS) }, (_, i) => list[Math.floor(i * step)] as string);
}
