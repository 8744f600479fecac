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

/**
 * The places, counted from 0, of those names in a page's text that contain all of `needles` and that `accepts` takes: each once, in order. Without needles all names are held against it.
 */
export function placesWith(text: string, needles: readonly string[], accepts?: (name: string) => boolean): number[] {
  const places: number[] = [];
  let place = 0;
  let counted = 0;
  for (let start = nextWith(text, needles, 0); start >= 0; ) {
    const end = text.indexOf(SEPARATOR, start + 1);
    if (end < 0) break;
    for (; counted < start; place++) counted = text.indexOf(SEPARATOR, counted + 1);
    if (accepts === undefined || accepts(text.slice(start + 1, end))) places.push(place);
    start = nextWith(text, needles, end);
  }
  return places;
}

/**
 * The separator before the first name, at or behind the one at `from`, that contains all needles; -1 where there is none. Each needle is looked for from the name on in which the one before it was found. So
 * the rarest of them, whichever it is in this page, lets all others skip what lies between (a leapfrog join).
 */
function nextWith(text: string, needles: readonly string[], from: number): number {
  let start = from;
  for (let i = 0, agreed = 0; agreed < needles.length; i = (i + 1) % needles.length) {
    let at = text.indexOf(needles[i] as string, start);
    if (at < 0) return -1;
    // A needle that begins with a separator begins at the one that ends the name before.
    while (text.charCodeAt(at) !== SEPARATOR_BYTE) at--;
    agreed = at === start ? agreed + 1 : 1;
    start = at;
  }
  return start;
}

/** The same for names in which the characters of `wanted` stand in this order, with anything in between. */
export function placesWithInOrder(text: string, wanted: string): number[] {
  const places: number[] = [];
  const codes = Array.from(wanted, (character) => character.charCodeAt(0));
  const first = codes[0] ?? SEPARATOR_BYTE;
  let place = 0;
  let matched = 0;
  // What is looked for next is held in a variable: reading beyond the end of `codes` would make this loop three times slower.
  let next = first;
  // The first separator begins the first name.
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === SEPARATOR_BYTE) {
      if (matched === codes.length) places.push(place);
      place++;
      matched = 0;
      next = first;
    } else if (code === next) {
      matched++;
      next = matched < codes.length ? (codes[matched] as number) : SEPARATOR_BYTE;
    }
  }
  return places;
}

/** Every folded name of a page's text, in order. */
export function namesOf(text: string): string[] {
  return text.length < 2 ? [] : text.slice(1, -1).split(SEPARATOR);
}
