import { STORE_NAME } from '../base/config/definitions.ts';
import { parseSize } from '../base/config/size.ts';
import { UsageError } from '../base/errors.ts';

/**
 * What a store specification says (S26), of the forms that name local stores:
 *
 *     [CLAUSE]   CLAUSE   /path   ./path   ~/path   datadir(path=…,hash=…,compression=…,chunk-min=…,chunk-target=…,chunk-max=…)
 */
export type StoreSpecification = ClauseSpecification | DatadirSpecification;

export interface ClauseSpecification {
  readonly kind: 'clause';
  readonly name: string;
}

export interface DatadirSpecification {
  readonly kind: 'datadir';
  /** As written. */
  readonly path: string;
  readonly hash?: string;
  readonly compression?: number;
  readonly minBytes?: number;
  readonly targetBytes?: number;
  readonly maxBytes?: number;
}

const FORMS = 'A store is the name of a [stores.NAME] clause, a path (/path, ./path), or datadir(path=…).';
const NETWORK = /^(!|(?:tcp|tls|unix|https?|s3):)/;

/** Reads a store specification; throws UsageError with the position of the fault. */
export function parseStoreSpecification(text: string): StoreSpecification {
  if (text === '') throw fault(text, 0, 'expected a store');
  if (text.startsWith('[')) return parseClause(text);
  if (/^(?:[/\\]|\.{1,2}(?:$|[/\\])|~|\$|[A-Za-z]:[\\/])/.test(text)) return { kind: 'datadir', path: text };
  const network = NETWORK.exec(text);
  if (network) throw fault(text, 0, `stores of the form ${network[1]}… are not known to this version`);
  const open = text.indexOf('(');
  if (open >= 0) return parseType(text, open);
  if (!STORE_NAME.test(text)) throw fault(text, badCharacter(text), 'this cannot stand in the name of a clause');
  return { kind: 'clause', name: text };
}

function parseClause(text: string): ClauseSpecification {
  const end = text.indexOf(']');
  if (end < 0) throw fault(text, text.length, 'expected ]');
  const name = text.slice(1, end);
  if (!STORE_NAME.test(name)) throw fault(text, 1 + badCharacter(name), 'expected the name of a clause: letters, digits, - and _');
  if (end !== text.length - 1) throw fault(text, end + 1, 'expected nothing behind ]');
  return { kind: 'clause', name };
}

function parseType(text: string, open: number): DatadirSpecification {
  const type = text.slice(0, open);
  if (type !== 'datadir') throw fault(text, 0, `there is no store of type ${JSON.stringify(type)}`);
  if (!text.endsWith(')')) throw fault(text, text.length, 'expected )');
  const found: Record<string, string | number> = {};
  let at = open + 1;
  for (const assignment of text.slice(open + 1, -1).split(',')) {
    const [key, value] = parseAssignment(text, assignment, at);
    if (FIELDS[key] in found) throw fault(text, at, `${key} is given twice`);
    found[FIELDS[key]] = value;
    at += assignment.length + 1;
  }
  if (!('path' in found)) throw fault(text, text.length - 1, 'expected path=…');
  return { kind: 'datadir', ...(found as unknown as Omit<DatadirSpecification, 'kind'>) };
}

const FIELDS = {
  path: 'path',
  hash: 'hash',
  compression: 'compression',
  'chunk-min': 'minBytes',
  'chunk-target': 'targetBytes',
  'chunk-max': 'maxBytes',
} as const;
type Key = keyof typeof FIELDS;

function parseAssignment(text: string, assignment: string, at: number): [Key, string | number] {
  const equals = assignment.indexOf('=');
  const key = (equals < 0 ? assignment : assignment.slice(0, equals)).trim();
  if (!(key in FIELDS)) throw fault(text, at, `expected one of ${Object.keys(FIELDS).join(', ')}`);
  const value = equals < 0 ? '' : assignment.slice(equals + 1).trim();
  if (value === '') throw fault(text, at + assignment.length, `expected a value of ${key}`);
  if (key === 'path' || key === 'hash') return [key, value];
  const number = key === 'compression' ? wholeNumber(value) : parseSize(value);
  if (number === undefined) throw fault(text, at + equals + 1, `expected ${key === 'compression' ? 'a whole number' : 'a size'}`);
  return [key as Key, number];
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function badCharacter(name: string): number {
  const good = /^[A-Za-z0-9](?:[A-Za-z0-9_-]*)/.exec(name);
  return good?.[0].length ?? 0;
}

function fault(text: string, at: number, problem: string): UsageError {
  return new UsageError(`${problem}, at character ${at + 1} of the store ${JSON.stringify(text)}`, FORMS);
}
