import { UsageError } from '../base/errors.ts';
import { type ByteName, nameFromShown } from '../base/names.ts';
import { hashAlgorithms } from '../hash/registry.ts';

/**
 * What a reference says (T8), before anything is looked up:
 *
 *     [store]ARCHIVE@WHEN:/path      [store]PATH.varve@WHEN:/path      [store]ALGORITHM:HEX:/path
 *
 * `[store]`, `@WHEN` and `:/path` may be left out, and the slash of `:/` when nothing follows it; a digest may be given by its first 8 digits or
 * more.
 */
export interface Reference {
  readonly text: string;
  /** A store specification, or a name from the configuration. */
  readonly store?: string;
  readonly target: ArchiveTarget | TreeTarget;
  /** The names of `:/path`, from the top. */
  readonly path: readonly ByteName[];
}

export interface ArchiveTarget {
  readonly kind: 'archive' | 'file';
  /** The archive's name, or the path of the file that it is. */
  readonly name: string;
  /** `~N`, a tag or a time. */
  readonly when?: string;
}

export interface TreeTarget {
  readonly kind: 'tree';
  readonly algorithm: string;
  /** The digits given: all of them or the first. */
  readonly hex: string;
}

const LEAST_DIGITS = 8;
const GRAMMAR =
  'A reference is ARCHIVE, ARCHIVE@TIME, ARCHIVE@~N, ARCHIVE@TAG, FILE.varve or a tree digest; [STORE] may precede it, :/path follow.';

/** Reads a reference; throws UsageError, which says where the fault is and what may stand there. */
export function parseReference(text: string): Reference {
  const { store, at } = parseStore(text);
  const colon = pathColon(text, at);
  const head = text.slice(at, colon < 0 ? undefined : colon);
  const path = colon < 0 ? [] : parsePath(text, colon + 2);
  if (head === '') throw fault(text, at, 'expected an archive, a file or a digest');
  const target = parseTree(text, head, at) ?? parseArchive(text, head, at);
  return { text, ...(store !== undefined && { store }), target, path };
}

function parseStore(text: string): { store?: string; at: number } {
  if (!text.startsWith('[')) return { at: 0 };
  const end = text.indexOf(']');
  if (end < 0) throw fault(text, text.length, 'expected ] behind the store');
  if (end === 1) throw fault(text, 1, 'expected the name of a store');
  return { store: text.slice(1, end), at: end + 1 };
}

/** Where `:/`, or a colon at the end, begins the path inside; the drive letter of a file is not meant by it. */
function pathColon(text: string, at: number): number {
  const drive = /^[A-Za-z]:[\\/].*\.varve/s.test(text.slice(at)) ? 2 : 0;
  const colon = text.indexOf(':/', at + drive);
  return colon < 0 && text.endsWith(':') ? text.length - 1 : colon;
}

function parsePath(text: string, at: number): ByteName[] {
  const names: ByteName[] = [];
  let start = at;
  for (const part of text.slice(at).split('/')) {
    if (part === '..') throw fault(text, start, 'a path inside a tree cannot go up');
    if (part !== '' && part !== '.') names.push(nameFromShown(part));
    start += part.length + 1;
  }
  return names;
}

function parseTree(text: string, head: string, at: number): TreeTarget | undefined {
  const match = /^([a-z0-9-]+):([0-9A-Fa-f]*)$/.exec(head);
  const algorithm = hashAlgorithms.find(({ name }) => name === match?.[1]);
  if (!match || !algorithm) return undefined;
  const hex = (match[2] as string).toLowerCase();
  const hexAt = at + algorithm.name.length + 1;
  const most = algorithm.hashBytes * 2;
  if (hex.length < LEAST_DIGITS) throw fault(text, hexAt + hex.length, `expected at least ${LEAST_DIGITS} hexadecimal digits`);
  if (hex.length > most) throw fault(text, hexAt + most, `a digest of ${algorithm.name} has ${most} hexadecimal digits`);
  return { kind: 'tree', algorithm: algorithm.name, hex };
}

function parseArchive(text: string, head: string, at: number): ArchiveTarget {
  const file = /^(.*\.varve)(?:@(.*))?$/s.exec(head);
  const sign = file ? -1 : head.lastIndexOf('@');
  const name = file ? (file[1] as string) : sign < 0 ? head : head.slice(0, sign);
  const when = file ? file[2] : sign < 0 ? undefined : head.slice(sign + 1);
  if (name === '') throw fault(text, at, 'expected an archive before @');
  if (when?.trim() === '') throw fault(text, at + name.length + 1, 'expected a time, ~N or a tag behind @');
  return { kind: file ? 'file' : 'archive', name, ...(when !== undefined && { when: when.trim() }) };
}

function fault(text: string, at: number, problem: string): UsageError {
  return new UsageError(`${problem}, at character ${at + 1} of ${JSON.stringify(text)}`, GRAMMAR);
}
