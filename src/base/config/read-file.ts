import { readFileSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import { DEFINITIONS, type Definition, definitionOf, STORE_DEFINITIONS, STORE_NAME } from './definitions.ts';
import { ConfigError } from './errors.ts';
import { outline, type Table } from './outline.ts';
import { parseToml } from './parse-toml.ts';

/** A key that the file sets, as TOML gave it. */
export interface FileValue {
  readonly key: string;
  readonly definition: Definition;
  readonly value: unknown;
  /** `config.toml:12`, with the file's whole path. */
  readonly where: string;
}

export interface FileContent {
  readonly values: readonly FileValue[];
  /** The names of its `[stores.NAME]` clauses, also of those without any key. */
  readonly stores: readonly string[];
}

const SECTIONS = ['stores', ...new Set(DEFINITIONS.flatMap(({ key }) => (key.includes('.') ? [key.split('.')[0] as string] : [])))];

/** What `file` sets; nothing when it does not exist. Throws ConfigError with the line and the reason for what is not TOML or not a setting. */
export async function readConfigFile(file: string): Promise<FileContent> {
  const text = readIfThere(file);
  const tables = outline(text);
  for (const table of tables) checkTable(table, file);
  // The parser takes 10 ms to load, which the file of most users, all of it comments, need not cost.
  const values = tables.some((table) => table.assignments.length > 0) ? flatten(await parseToml(text, file), [], tables, file) : [];
  const stores = tables.flatMap(({ path }) => (path[0] === 'stores' && path[1] !== undefined ? [path[1]] : []));
  return {
    values,
    stores: [...new Set([...stores, ...values.flatMap(({ key }) => (key.startsWith('stores.') ? [key.split('.')[1] as string] : []))])],
  };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return '';
    throw new ConfigError(
      file,
      `cannot be read: ${(error as Error).message}`,
      'Mend its permissions, or set VARVE_HOME to another folder.',
    );
  }
}

function checkTable({ path: [section, name, ...rest], line }: Table, file: string): void {
  if (section === undefined) return;
  const where = `${file}:${line + 1}`;
  if (!SECTIONS.includes(section)) throw new ConfigError(where, `there is no section [${section}]; there are ${SECTIONS.join(', ')}`);
  if (section !== 'stores') return;
  if (name !== undefined && !STORE_NAME.test(name))
    throw new ConfigError(where, `"${name}" cannot name a store: only letters, digits, - and _`);
  if (rest.length > 0) throw new ConfigError(where, `a store has no section [${rest.join('.')}]`);
}

function flatten(table: object, path: readonly string[], tables: readonly Table[], file: string): FileValue[] {
  return Object.entries(table).flatMap(([name, value]) => {
    const here = [...path, name];
    const key = here.join('.');
    const where = `${file}:${lineOf(here, tables) + 1}`;
    const definition = definitionOf(key);
    if (definition) return [{ key, definition, value, where }];
    const mayHoldMore = path.length === 0 ? SECTIONS.includes(name) : path.length === 1 && path[0] === 'stores' && STORE_NAME.test(name);
    if (mayHoldMore && isTable(value)) return flatten(value, here, tables, file);
    throw new ConfigError(where, `there is no setting ${key}; there are ${known(path).join(', ')}`);
  });
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The names that may stand where an unknown one was found. */
function known(path: readonly string[]): string[] {
  if (path[0] === 'stores' && path.length > 1) return STORE_DEFINITIONS.map(({ key }) => key);
  const keys = DEFINITIONS.map(({ key }) => key.split('.'));
  if (path.length === 0) return [...new Set([...keys.map(([first]) => first as string), 'stores'])];
  return keys.filter(([section]) => section === path[0]).map(([, name]) => name as string);
}

/** The line where `path` is set, or the table that holds it begins. */
function lineOf(path: readonly string[], tables: readonly Table[]): number {
  const begins = (longer: readonly string[], shorter: readonly string[]) => shorter.every((part, i) => longer[i] === part);
  const assignments = tables.flatMap((table) => table.assignments);
  const found =
    assignments.find((assignment) => begins(path, assignment.path)) ?? assignments.find((assignment) => begins(assignment.path, path));
  return found?.firstLine ?? Math.max(0, tables.find((table) => table.path.length > 0 && begins(table.path, path))?.line ?? 0);
}
