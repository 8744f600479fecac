import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { FormatError } from '../../base/errors.ts';
import { nameFromBytes, nameFromShown, nameToBytes, showName } from '../../base/names.ts';

/** A dump of the catalogue (docs/formats.md, "Dump of the catalogue"): a head, the rows of these tables, an end. What is not in it is derived. */
export const TABLES = [
  'property',
  ...['root', 'node', 'directory', 'event', 'process', 'content', 'released', 'gap', 'failure', 'unread'],
  ...['package', 'packageFolder', 'packageFile', 'description', 'generatedDescription', 'summary'],
] as const;

export const DUMP_FORMAT = 1;
export const DUMP_NAME = 'varve catalogue';

/** The first line. */
export interface DumpHead {
  readonly dump: typeof DUMP_NAME;
  readonly format: number;
  /** Version of the schema whose tables these are. */
  readonly schema: number;
  /** ISO 8601. */
  readonly time: string;
  /** The last numbers that were given, also to what is gone. */
  readonly lastEvent: number;
  readonly lastNode: number;
}

/** The last line: how many rows, and the CRC-32 of all bytes before. */
export interface DumpEnd {
  readonly end: true;
  readonly rows: number;
  readonly check: string;
}

/** How a column is written. `name`: legible text; `bytes`: hexadecimal; `integer`: a number, or its digits where a double does not hold it; `any`: an object that says the type. */
export type ColumnForm = 'integer' | 'text' | 'name' | 'bytes' | 'any';

const NAMES: ReadonlySet<string> = new Set(['name', 'path', 'fromName', 'toName', 'executable']);

/** The columns of a table, in their order. */
export function columnsOf(database: DatabaseSync, table: string): Map<string, ColumnForm> {
  const rows = database.prepare('SELECT name, type FROM pragma_table_info(?)').all(table) as { name: string; type: string }[];
  return new Map(rows.map(({ name, type }) => [name, formOf(name, type)]));
}

function formOf(name: string, type: string): ColumnForm {
  if (type === 'BLOB') return NAMES.has(name) ? 'name' : 'bytes';
  return type === 'INTEGER' ? 'integer' : type === 'TEXT' ? 'text' : 'any';
}

/** A value that was read with bigints, as JSON has it. */
export function toJson(value: SQLOutputValue, form: ColumnForm): unknown {
  if (value === null) return null;
  if (form === 'any')
    return typeof value === 'bigint' ? { integer: integerToJson(value) } : typeof value === 'number' ? { real: value } : { text: value };
  if (typeof value === 'bigint') return integerToJson(value);
  if (value instanceof Uint8Array) return form === 'name' ? showName(nameFromBytes(value)) : Buffer.from(value).toString('hex');
  return value;
}

/** The value again. Throws FormatError. */
export function fromJson(json: unknown, form: ColumnForm): SQLInputValue {
  if (json === null) return null;
  if (form === 'integer') return integerFromJson(json);
  if (form === 'any') {
    const { integer, real, text } = json as { integer?: unknown; real?: unknown; text?: unknown };
    if (typeof real === 'number') return real;
    return integer === undefined ? textFromJson(text) : integerFromJson(integer);
  }
  const text = textFromJson(json);
  if (form === 'text') return text;
  if (form === 'name') return nameToBytes(nameFromShown(text));
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new FormatError('dump', `${JSON.stringify(text.slice(0, 40))} is not hexadecimal`);
  return Buffer.from(text, 'hex');
}

function integerToJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function integerFromJson(json: unknown): bigint {
  if (Number.isSafeInteger(json)) return BigInt(json as number);
  if (typeof json === 'string' && /^-?\d{1,19}$/.test(json)) return BigInt.asIntN(64, BigInt(json));
  throw new FormatError('dump', `${JSON.stringify(json)} is no integer`);
}

function textFromJson(json: unknown): string {
  if (typeof json !== 'string') throw new FormatError('dump', `${JSON.stringify(json)} is no text`);
  return json;
}
