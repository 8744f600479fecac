import { createReadStream } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { FormatError, NewerFormatError } from '../../base/errors.ts';
import { makePrivateFile } from '../../sys/private-file.ts';
import { migrate } from '../database.ts';
import { setLastNumbers } from '../numbers.ts';
import { INODE_INDEX, MIGRATIONS } from '../schema.ts';
import { checkText } from './dump.ts';
import { type ColumnForm, columnsOf, DUMP_FORMAT, DUMP_NAME, type DumpEnd, type DumpHead, fromJson, TABLES } from './dump-format.ts';

const PIECE_BYTES = 256 << 10;
/** Names and refs are far shorter, in hexadecimal too. */
const LONGEST_LINE = 16 << 20;

/** How a table's rows are inserted. */
interface Insertion {
  readonly columns: ReadonlyMap<string, ColumnForm>;
  readonly statement: StatementSync;
}

/** Makes the catalogue of a dump in a new file, which holds nothing when this rejects: with FormatError or NewerFormatError for what is no whole dump. Not synced. */
export async function loadDump(dump: string, file: string): Promise<void> {
  makePrivateFile(file);
  const database = new DatabaseSync(file);
  try {
    // Whatever interrupts this, it is begun anew.
    database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    const loader = new Loader(database);
    let number = 0;
    for await (const line of linesOf(dump)) loader.take(line, ++number);
    loader.finish(number);
  } finally {
    database.close();
  }
}

class Loader {
  readonly #database: DatabaseSync;
  readonly #insertions = new Map<string, Insertion>();
  #head: DumpHead | undefined;
  #isWhole = false;
  #rows = 0;
  #check = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  take(line: string, number: number): void {
    try {
      if (this.#isWhole) throw new FormatError('dump', 'something follows its end');
      this.#takeObject(parseObject(line));
    } catch (error) {
      if (error instanceof NewerFormatError) throw error;
      throw new FormatError('dump', `line ${number}: ${(error as Error).message}`);
    }
    this.#check = crc32(`${line}\n`, this.#check);
  }

  finish(lines: number): void {
    if (this.#head === undefined || !this.#isWhole) throw new FormatError('dump', `it ends behind line ${lines}, before its end`);
    setLastNumbers(this.#database, { event: this.#head.lastEvent, node: this.#head.lastNode });
    this.#database.exec(`COMMIT; ${INODE_INDEX}`);
  }

  #takeObject(object: Record<string, unknown>): void {
    if (this.#head === undefined) this.#begin(object as unknown as DumpHead);
    else if (object.end === true) this.#end(object as unknown as DumpEnd);
    else this.#insert(object);
  }

  #begin(head: DumpHead): void {
    const { dump, format, schema, lastEvent, lastNode } = head;
    if (dump !== DUMP_NAME || ![format, schema, lastEvent, lastNode].every(Number.isSafeInteger))
      throw new FormatError('dump', 'is not its head');
    if (format > DUMP_FORMAT) throw new NewerFormatError('the dump', format, DUMP_FORMAT);
    if (schema > MIGRATIONS.length) throw new NewerFormatError('the catalogue in the dump', schema, MIGRATIONS.length);
    this.#head = head;
    migrate(this.#database, schema);
    this.#database.exec('BEGIN; DELETE FROM property');
  }

  #end({ rows, check }: DumpEnd): void {
    if (rows !== this.#rows || check !== checkText(this.#check)) throw new FormatError('dump', 'it is not whole, or was changed');
    this.#isWhole = true;
  }

  #insert({ table, ...values }: Record<string, unknown>): void {
    const { columns, statement } = this.#insertionInto(String(table));
    const row: SQLInputValue[] = [];
    for (const [name, form] of columns) row.push(fromJson(values[name] ?? null, form));
    statement.run(...row);
    this.#rows++;
  }

  #insertionInto(table: string): Insertion {
    const known = this.#insertions.get(table);
    if (known !== undefined) return known;
    if (!(TABLES as readonly string[]).includes(table)) throw new FormatError('dump', `there is no table ${JSON.stringify(table)}`);
    const columns = columnsOf(this.#database, table);
    const statement = this.#database.prepare(`INSERT INTO ${table} VALUES (${Array(columns.size).fill('?').join(', ')})`);
    const insertion = { columns, statement };
    this.#insertions.set(table, insertion);
    return insertion;
  }
}

/** The lines of a file, without their ends. What follows the last end is a line too. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: PIECE_BYTES })) {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() as string;
    if (rest.length > LONGEST_LINE) throw new FormatError('dump', 'a line is longer than any that there can be');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseObject(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new FormatError('dump', 'is no object');
  return value as Record<string, unknown>;
}
