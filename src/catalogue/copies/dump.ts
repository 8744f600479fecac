import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { atOneMoment, schemaVersion } from '../database.ts';
import { lastEventNumber, lastNodeNumber } from '../numbers.ts';
import { type Row, reading } from '../rows.ts';
import { columnsOf, DUMP_FORMAT, DUMP_NAME, type DumpEnd, type DumpHead, TABLES, toJson } from './dump-format.ts';

/** So many lines are passed on together. */
const LINES_AT_ONCE = 500;

/** Everything that a catalogue knows at one moment, as lines of JSON; passed on in pieces of whole lines with their ends. Takes the memory of a piece. */
export function dumpCatalogue(database: DatabaseSync, time: Date, write: (lines: string) => void): void {
  let check = 0;
  const put = (lines: string) => {
    check = crc32(lines, check);
    write(lines);
  };
  atOneMoment(database, () => {
    put(`${JSON.stringify(headOf(database, time))}\n`);
    let rows = 0;
    for (const table of TABLES) {
      const columns = columnsOf(database, table);
      // A table of a later version than the catalogue has.
      if (columns.size === 0) continue;
      let lines: string[] = [];
      for (const row of reading(database, `SELECT * FROM ${table}`).iterate() as Iterable<Row>) {
        // The index of names is derived.
        if (table === 'property' && row.name === 'names.indexed') continue;
        const values = Array.from(columns, ([name, form]) => [name, toJson(row[name] ?? null, form)]);
        lines.push(JSON.stringify({ table, ...Object.fromEntries(values) }));
        rows++;
        if (lines.length < LINES_AT_ONCE) continue;
        put(`${lines.join('\n')}\n`);
        lines = [];
      }
      if (lines.length > 0) put(`${lines.join('\n')}\n`);
    }
    const end: DumpEnd = { end: true, rows, check: checkText(check) };
    write(`${JSON.stringify(end)}\n`);
  });
}

export function checkText(check: number): string {
  return check.toString(16).padStart(8, '0');
}

function headOf(database: DatabaseSync, time: Date): DumpHead {
  return {
    dump: DUMP_NAME,
    format: DUMP_FORMAT,
    schema: schemaVersion(database),
    time: time.toISOString(),
    lastEvent: lastEventNumber(database),
    lastNode: lastNodeNumber(database),
  };
}
