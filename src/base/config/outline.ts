/** One `key = value` of a TOML text, which may take several lines. Lines count from 0. */
export interface Assignment {
  /** From the root: the table's path and the key's own parts. */
  readonly path: readonly string[];
  readonly firstLine: number;
  readonly lastLine: number;
  /** Where in its last line the value ends; only blanks and a comment follow. */
  readonly valueEnd: number;
}

/** A `[table]` line and what belongs to it. The first stands for the lines before any header, with `line` -1 and an empty path. */
export interface Table {
  readonly path: readonly string[];
  readonly line: number;
  readonly assignments: readonly Assignment[];
}

const PART = /\s*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(\.)?/y;
/** What matters within a value: strings of all four kinds (those of several lines may be unclosed here), comments, brackets. */
const TOKEN = /"""|'''|"(?:[^"\\]|\\.)*"|'[^']*'|#.*|[[\]{}]/g;

/**
 * Where a TOML text has its tables and keys; the TOML parser says nothing of lines once it is through. Takes any text: what is not TOML is left for
 * the parser to refuse.
 */
export function outline(text: string): Table[] {
  const lines = text.split('\n');
  const root: Table & { assignments: Assignment[] } = { path: [], line: -1, assignments: [] };
  const tables = [root];
  let current = root;
  for (let line = 0; line < lines.length; line++) {
    const source = lines[line] as string;
    const header = /^\s*\[{1,2}/.exec(source);
    if (header) {
      current = { path: readKey(source, header[0].length).path, line, assignments: [] };
      tables.push(current);
      continue;
    }
    const { path, end } = readKey(source, 0);
    if (path.length === 0 || source[end] !== '=') continue;
    const value = valueExtent(lines, line, end + 1);
    current.assignments.push({ path: [...current.path, ...path], firstLine: line, ...value });
    line = value.lastLine;
  }
  return tables;
}

function readKey(source: string, from: number): { path: string[]; end: number } {
  const path: string[] = [];
  PART.lastIndex = from;
  let end = from;
  for (let part = PART.exec(source); part; part = PART.exec(source)) {
    path.push(part[1] ?? part[2] ?? part[3] ?? '');
    end = PART.lastIndex;
    if (part[4] === undefined) break;
  }
  return { path, end };
}

/** Follows a value to its end, through lists and texts of several lines. */
function valueExtent(lines: readonly string[], firstLine: number, from: number): { lastLine: number; valueEnd: number } {
  let depth = 0;
  let quote: string | undefined;
  for (let line = firstLine; line < lines.length; line++) {
    const source = lines[line] as string;
    let at = line === firstLine ? from : 0;
    let comment = source.length;
    while (at < source.length) {
      if (quote !== undefined) {
        const close = source.indexOf(quote, at);
        at = close < 0 ? source.length : close + quote.length;
        if (close >= 0) quote = undefined;
        continue;
      }
      TOKEN.lastIndex = at;
      const token = TOKEN.exec(source);
      if (!token) break;
      at = TOKEN.lastIndex;
      if (token[0] === '"""' || token[0] === "'''") quote = token[0];
      else if (token[0].startsWith('#')) comment = token.index;
      else if (token[0] === '[' || token[0] === '{') depth += 1;
      else if (token[0] === ']' || token[0] === '}') depth -= 1;
    }
    if (quote === undefined && depth <= 0) return { lastLine: line, valueEnd: source.slice(0, comment).trimEnd().length };
  }
  return { lastLine: lines.length - 1, valueEnd: (lines.at(-1) as string).length };
}
