import { ConfigError } from './errors.ts';
import { type Assignment, outline, type Table } from './outline.ts';

/**
 * The TOML text with `key` set to `value`, already in TOML's notation; everything else, comments above all, stays as it is. A key that is set
 * is changed where it stands, keeping the comment after it; else it is added below its commented-out line (`# threads = 4`), at the end of its
 * table, or in a new table at the end. Throws ConfigError when the key is part of an inline table, which this does not take apart.
 */
export function setInText(text: string, key: string, value: string): string {
  const path = key.split('.');
  const name = path.at(-1) as string;
  const lines = text.split('\n');
  const tables = outline(text);
  const assignments = tables.flatMap((table) => table.assignments);
  const present = assignments.find((assignment) => same(assignment.path, path));
  if (present) return replaced(lines, present, value);

  const holder = assignments.find((assignment) => assignment.path.every((part, i) => path[i] === part));
  if (holder) throw new ConfigError(`line ${holder.firstLine + 1}`, `${key} is part of an inline table`, 'Run: varve config edit');

  const table = tables.findLast((candidate) => same(candidate.path, path.slice(0, -1)));
  if (!table) {
    const body = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    return `${body}${body === '' ? '' : '\n'}[${path.slice(0, -1).join('.')}]\n${name} = ${value}\n`;
  }
  lines.splice(placeIn(table, tables, lines, name), 0, `${name} = ${value}`);
  return lines.join('\n');
}

/**
 * The TOML text without `key`; the same text when it is not set. The header of a table goes with its last key, unless a comment stands in it: a
 * store's empty clause would be one without a folder.
 */
export function unsetInText(text: string, key: string): string {
  const path = key.split('.');
  for (const table of outline(text)) {
    const present = table.assignments.find((assignment) => same(assignment.path, path));
    if (!present) continue;
    const lines = text.split('\n');
    lines.splice(present.firstLine, present.lastLine - present.firstLine + 1);
    return (table.line < 0 ? lines : withoutEmptyTable(lines, table.line)).join('\n');
  }
  return text;
}

/** The lines without the table whose header is at `header`, if nothing stands in it; comments right above the next header belong to that one. */
function withoutEmptyTable(lines: readonly string[], header: number): readonly string[] {
  if (!/\]\s*$/.test(lines[header] as string)) return lines;
  let end = header + 1;
  while (lines[end]?.trim() === '') end += 1;
  const before = lines.slice(0, header);
  if (end === lines.length) {
    while (before.at(-1)?.trim() === '') before.pop();
    return before.length > 0 ? [...before, ''] : before;
  }
  let next = end;
  while (/^\s*#/.test(lines[next] ?? '')) next += 1;
  const isEmpty = /^\s*\[/.test(lines[next] ?? '') && (next === end || end > header + 1);
  return isEmpty ? [...before, ...lines.slice(end)] : lines;
}

function replaced(lines: string[], { firstLine, lastLine, valueEnd }: Assignment, value: string): string {
  const first = lines[firstLine] as string;
  const before = first.slice(0, first.indexOf('=') + 1);
  const after = (lines[lastLine] as string).slice(valueEnd);
  lines.splice(firstLine, lastLine - firstLine + 1, `${before} ${value}${after}`);
  return lines.join('\n');
}

/** The line before which a new key of `table` goes. */
function placeIn(table: Table, tables: readonly Table[], lines: readonly string[], name: string): number {
  const next = tables[tables.indexOf(table) + 1]?.line ?? lines.length;
  for (let line = table.line + 1; line < next; line++) {
    if (new RegExp(`^\\s*#\\s*${name}\\s*=`).test(lines[line] as string)) return line + 1;
  }
  const last = table.assignments.at(-1);
  if (last) return last.lastLine + 1;
  if (table.line >= 0) return table.line + 1;
  // The lines before the first header may end in a comment that belongs to that header; a text ends in a line that is empty.
  let line = next === lines.length && lines[next - 1] === '' ? next - 1 : next;
  while (line > 0 && /^\s*#/.test(lines[line - 1] ?? '')) line -= 1;
  return line;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}
