import { FormatError } from '../../base/errors.ts';

/** A value that a file of a type has at an offset, or somewhere in a range of offsets, under a mask; and what must hold besides. */
interface MagicMatch {
  readonly depth: number;
  readonly offset: number;
  readonly range: number;
  readonly value: Buffer;
  readonly mask: Buffer | undefined;
  readonly below: MagicMatch[];
}

interface MagicSection {
  readonly type: string;
  readonly matches: readonly MagicMatch[];
}

const HEADER = 'MIME-Magic\0\n';
const WHAT = 'magic of the MIME database';

/**
 * What the first bytes of files tell of their types: the `magic` file of the Shared MIME-info Database (specification 0.21, "The magic
 * files"). Sections are sorted by priority, so the first that fits counts.
 */
export class MimeMagic {
  readonly #sections: readonly MagicSection[];

  /** Throws FormatError. */
  constructor(bytes: Buffer) {
    this.#sections = parseMagic(bytes);
  }

  typeOf(head: Uint8Array): string | undefined {
    const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
    return this.#sections.find(({ matches }) => matches.some((match) => holds(match, bytes)))?.type;
  }
}

function holds(match: MagicMatch, head: Buffer): boolean {
  return isThere(match, head) && (match.below.length === 0 || match.below.some((inner) => holds(inner, head)));
}

function isThere({ offset, range, value, mask }: MagicMatch, head: Buffer): boolean {
  const end = Math.min(offset + range, head.length - value.length + 1);
  if (mask === undefined) {
    const found = head.indexOf(value, offset);
    return found >= 0 && found < end;
  }
  for (let at = offset; at < end; at++)
    if (value.every((byte, i) => ((head[at + i] as number) & (mask[i] as number)) === (byte & (mask[i] as number)))) return true;
  return false;
}

function parseMagic(bytes: Buffer): MagicSection[] {
  if (bytes.toString('latin1', 0, HEADER.length) !== HEADER) throw new FormatError(WHAT, 'does not begin as such', 0);
  const sections: { type: string; matches: MagicMatch[] }[] = [];
  let above: MagicMatch[] = [];
  for (let at = HEADER.length; at < bytes.length; ) {
    if (bytes[at] === 0x5b) {
      const end = bytes.indexOf(0x0a, at);
      const [, type] = /^\[\d+:([^\]]+)\]$/.exec(bytes.toString('latin1', at, end)) ?? [];
      if (end < 0 || type === undefined) throw new FormatError(WHAT, 'no head of a section', at);
      sections.push({ type, matches: [] });
      above = [];
      at = end + 1;
      continue;
    }
    const { match, end } = parseMatch(bytes, at);
    const parent = match.depth === 0 ? sections.at(-1)?.matches : above[match.depth - 1]?.below;
    if (parent === undefined) throw new FormatError(WHAT, 'a rule below none', at);
    parent.push(match);
    above = [...above.slice(0, match.depth), match];
    at = end;
  }
  return sections;
}

/** `[depth] > offset = length value [& mask] [~ word size] [+ range] \n`, the length in two big-endian bytes. */
function parseMatch(bytes: Buffer, start: number): { match: MagicMatch; end: number } {
  const [head, depth, offset] = /^(\d{0,2})>(\d{1,9})=/.exec(bytes.toString('latin1', start, start + 16)) ?? [];
  if (head === undefined) throw new FormatError(WHAT, 'no rule', start);
  let at = start + head.length;
  if (at + 2 > bytes.length) throw new FormatError(WHAT, 'ends within a rule', at);
  const length = bytes.readUInt16BE(at);
  at += 2;
  const value = bytes.subarray(at, at + length);
  at += length;
  const mask = bytes[at] === 0x26 ? bytes.subarray(at + 1, at + 1 + length) : undefined;
  if (mask) at += 1 + length;
  const end = bytes.indexOf(0x0a, at);
  const [options, wordSize = '1', range = '1'] = /^(?:~(\d))?(?:\+(\d{1,9}))?$/.exec(bytes.toString('latin1', at, end)) ?? [];
  if (end < 0 || value.length < length || options === undefined) throw new FormatError(WHAT, 'damaged rule', start);
  // Values of several bytes a word are in the byte order of the machine, little-endian on all that Varve runs on.
  const order = (part: Buffer) => (wordSize === '2' ? Buffer.from(part).swap16() : wordSize === '4' ? Buffer.from(part).swap32() : part);
  const isSwapped = wordSize !== '1' && length % Number(wordSize) === 0;
  return {
    match: {
      depth: Number(depth),
      offset: Number(offset),
      range: Number(range),
      value: isSwapped ? order(value) : value,
      mask: mask && isSwapped ? order(mask) : mask,
      below: [],
    },
    end: end + 1,
  };
}
