import { FormatError } from '../base/errors.ts';
import { digestFromText, digestToText } from '../hash/digest.ts';
import { LITERAL_MAX_BYTES, MAX_DEPTH } from './limits.ts';
import type { Ref } from './types.ts';

/**
 * The text form of refs: legible, and free of characters that a shell treats specially (docs/formats.md).
 *
 *     literal:BASE64URL             block:ALGORITHM:HEX+SIZE       tree:DEPTH:ALGORITHM:HEX+SIZE
 *     run:HH+SIZE  (HH: the byte)   hole+SIZE                      slice:OFFSET+SIZE:BLOCK-OR-TREE
 */
export function refToText(ref: Ref): string {
  switch (ref.kind) {
    case 'literal':
      return `literal:${Buffer.from(ref.bytes).toString('base64url')}`;
    case 'block':
      return `block:${digestToText(ref.digest)}+${ref.size}`;
    case 'tree':
      return `tree:${ref.depth}:${digestToText(ref.digest)}+${ref.size}`;
    case 'run':
      return ref.hole ? `hole+${ref.size}` : `run:${ref.byte.toString(16).padStart(2, '0')}+${ref.size}`;
    case 'slice':
      return `slice:${ref.offset}+${ref.size}:${refToText(ref.of)}`;
  }
}

/** Reads the text form; throws FormatError (or UnknownHashError) for anything that `refToText` would not have written. */
export function refFromText(text: string): Ref {
  const [, kind, rest] = match(/^(literal:|hole\+|run:|slice:|block:|tree:)(.*)$/s, text);
  switch (kind) {
    case 'literal:':
      return literalFromText(rest);
    case 'hole+':
      return { kind: 'run', byte: 0, size: sizeFromText(rest), hole: true };
    case 'run:': {
      const [, hex, size] = match(/^([0-9a-f]{2})\+(\d+)$/, rest);
      return { kind: 'run', byte: Number.parseInt(hex, 16), size: sizeFromText(size), hole: false };
    }
    case 'slice:':
      return sliceFromText(rest);
    default:
      return blockFromText(text);
  }
}

function blockFromText(text: string): Extract<Ref, { kind: 'block' | 'tree' }> {
  const [, kind, depthText, digest, size] = match(/^(?:(block)|tree:(\d{1,2})):([a-z0-9-]+:[0-9a-f]+)\+(\d+)$/, text);
  if (kind === 'block') return { kind: 'block', digest: digestFromText(digest), size: sizeFromText(size) };
  const depth = Number(depthText);
  if (depth < 1 || depth > MAX_DEPTH || String(depth) !== depthText)
    throw new FormatError('ref', `depth ${depthText}, where 1 to ${MAX_DEPTH} is allowed`);
  return { kind: 'tree', digest: digestFromText(digest), size: sizeFromText(size), depth };
}

function literalFromText(base64: string): Ref {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64url'));
  if (bytes.length > LITERAL_MAX_BYTES)
    throw new FormatError('ref', `literal of ${bytes.length} bytes, where ${LITERAL_MAX_BYTES} are allowed`);
  if (Buffer.from(bytes).toString('base64url') !== base64) throw new FormatError('ref', 'literal is not base64url');
  return { kind: 'literal', bytes, size: bytes.length };
}

function sliceFromText(rest: string): Ref {
  const [, offsetText, sizeText, ofText] = match(/^(\d+)\+(\d+):(.*)$/, rest);
  const offset = numberFromText(offsetText);
  const size = sizeFromText(sizeText);
  const of = blockFromText(ofText);
  if (offset + size > of.size || size === of.size) throw new FormatError('ref', `slice ${offset}+${size} of ${of.size} bytes`);
  return { kind: 'slice', of, offset, size };
}

function sizeFromText(text: string): number {
  const size = numberFromText(text);
  if (size === 0) throw new FormatError('ref', 'empty, but not a literal');
  return size;
}

function numberFromText(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || String(value) !== text)
    throw new FormatError('ref', `not a plain number below 2^53: ${text.slice(0, 40)}`);
  return value;
}

/** The groups of a match; those that took no part are empty strings. */
function match(pattern: RegExp, text: string): [string, ...string[]] & Record<1 | 2 | 3 | 4, string> {
  const found = pattern.exec(text);
  if (!found) throw new FormatError('ref', `cannot be read: ${JSON.stringify(text.slice(0, 80))}`);
  return Array.from(found, (group: string | undefined) => group ?? '') as [string, string, string, string, string];
}
