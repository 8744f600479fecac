import { FormatError } from '../../base/errors.ts';
import type { NodeId } from '../types.ts';

/** Names of one page. Fewer make the index of trigrams larger and more exact; measured in docs/search.md. */
export const NAMES_PER_PAGE = 128;

/** Ends every name of a page, and stands before the first: it is in no name. So a needle may hold it, and means the beginning or the end of a name. */
export const SEPARATOR = '/';
const SEPARATOR_BYTE = 0x2f;

/** Folded names of nodes in the order of their numbers, as the table `name_page` holds them. */
export interface NamePage {
  readonly nodes: Uint8Array;
  readonly names: Uint8Array;
}

/** The text of a page: what its trigrams are taken of. */
export function pageText(names: readonly string[]): string {
  return `${SEPARATOR}${names.join(SEPARATOR)}${SEPARATOR}`;
}

/** Numbers that grow, each as its distance from the one before, in groups of seven bits with the lowest first. */
export function encodeNodes(nodes: readonly NodeId[]): Buffer {
  const bytes: number[] = [];
  let previous = 0;
  for (const node of nodes) {
    let rest = node - previous;
    if (rest <= 0) throw new RangeError('numbers of nodes must grow');
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
    previous = node;
  }
  return Buffer.from(bytes);
}

/** Throws FormatError. */
export function decodeNodes(bytes: Uint8Array): NodeId[] {
  const nodes: NodeId[] = [];
  let node = 0;
  for (let at = 0; at < bytes.length; ) {
    let byte: number | undefined;
    for (let factor = 1; ; factor *= 0x80) {
      byte = bytes[at++];
      if (byte === undefined || factor > 2 ** 49) throw new FormatError('page of names', 'bad number of a node', at);
      node += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    nodes.push(node);
  }
  return nodes;
}

/** The places in a page, counted from 0, of names that contain all of `needles`: each once, in order. They are looked for by the first. */
export function placesWith(names: Uint8Array, needles: readonly [string, ...string[]]): number[] {
  const text = Buffer.from(names.buffer, names.byteOffset, names.length);
  const [first, ...others] = needles;
  const needle = Buffer.from(first, 'latin1');
  const places: number[] = [];
  let place = -1;
  let counted = 0;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, counted - 1)) {
    // A needle that begins with a separator begins at the one that ends the name before.
    const inside = text[at] === SEPARATOR_BYTE ? at + 1 : at;
    let start = counted;
    for (; counted < inside; counted++) {
      if (text[counted] !== SEPARATOR_BYTE) continue;
      place++;
      start = counted + 1;
    }
    const end = text.indexOf(SEPARATOR_BYTE, inside);
    if (others.length === 0 || containsAll(text.toString('latin1', start - 1, end + 1), others)) places.push(place);
    if (end + 1 >= text.length) break;
    counted = end + 1;
    place++;
  }
  return places;
}

function containsAll(name: string, needles: readonly string[]): boolean {
  return needles.every((needle) => name.includes(needle));
}

/** The same for names in which the bytes of `wanted` stand in this order, with anything in between. */
export function placesWithInOrder(names: Uint8Array, wanted: Uint8Array): number[] {
  const places: number[] = [];
  const first = wanted[0] ?? SEPARATOR_BYTE;
  let place = 0;
  let matched = 0;
  // What is looked for next is held in a variable: reading beyond the end of `wanted` would make this loop three times slower.
  let next = first;
  // The first separator begins the first name.
  for (let at = 1; at < names.length; at++) {
    const byte = names[at];
    if (byte === SEPARATOR_BYTE) {
      if (matched === wanted.length) places.push(place);
      place++;
      matched = 0;
      next = first;
    } else if (byte === next) {
      matched++;
      next = matched < wanted.length ? (wanted[matched] as number) : SEPARATOR_BYTE;
    }
  }
  return places;
}

/** Every folded name of a page, in order. */
export function namesOf(names: Uint8Array): string[] {
  const text = Buffer.from(names.buffer, names.byteOffset, names.length).toString('latin1');
  return text.length < 2 ? [] : text.slice(1, -1).split(SEPARATOR);
}
