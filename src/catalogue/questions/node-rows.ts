import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import type { Time } from '../../sys/stat.ts';
import type { NodeId } from '../types.ts';
import type { Condition } from './filters.ts';
import { nameOfText } from './fold.ts';

/** A node as searches need it. */
export interface NodeRow {
  readonly node: NodeId;
  readonly parent: NodeId;
  readonly name: ByteName;
  /** Directory entry type. */
  readonly type: number;
  readonly size: number;
  readonly mtime: Time;
}

const BILLION = 1_000_000_000;
/** Integers that are larger than a double can hold come in two parts. Names come as text: see `nameOfText`. */
const COLUMNS = `node.id, node.parent, CAST(node.name AS TEXT), node.kind, CAST(node.size AS REAL), node.mtime / ${BILLION}, node.mtime % ${BILLION}`;

/** To read a row that is not wanted takes half the time of looking one up. */
const SPARSE = 2;

type Columns = [id: number, parent: number, name: string, kind: number, size: number, seconds: number, rest: number];

/** Rows of `node`, read in the few ways that searches need, of those that fulfil a condition. */
export class NodeRows {
  readonly #database: DatabaseSync;
  readonly #condition: Condition;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, condition: Condition) {
    this.#database = database;
    this.#condition = condition;
  }

  /** Rows of so many of `nodes` as are there, in no order. */
  byId(nodes: readonly NodeId[]): NodeRow[] {
    const first = Math.min(...nodes);
    const last = Math.max(...nodes);
    if (last - first >= nodes.length * SPARSE)
      return this.#all('json_each(?) AS wanted CROSS JOIN node ON node.id = wanted.value', '', JSON.stringify(nodes));
    const rows = this.#all('node', 'node.id BETWEEN ? AND ? AND', first, last);
    if (rows.length === last - first + 1 && rows.length === nodes.length) return rows;
    const wanted = new Set(nodes);
    return rows.filter(({ node }) => wanted.has(node));
  }
  *after(node: NodeId): Generator<NodeRow> {
    yield* this.#each('node', 'id > ? AND', node);
  }
  changed(last: NodeId): NodeRow[] {
    return this.#all('name_changed CROSS JOIN node ON node.id = name_changed.node', 'node.id <= ? AND', last);
  }
  *withDigest(digest: Uint8Array): Generator<NodeRow> {
    yield* this.#each('node', 'digest = ? AND', digest);
  }
  tops(): NodeRow[] {
    return this.#all('root CROSS JOIN node ON node.id = root.node AND node.parent = 0', '');
  }

  /** All children, and of each whether it fulfils the condition. */
  *children(parent: NodeId): Generator<{ readonly row: NodeRow; readonly fits: boolean }> {
    const statement = this.#prepared(`SELECT ${COLUMNS}, ${this.#condition.sql} FROM node WHERE parent = ?`);
    for (const columns of statement.iterate(...this.#condition.values, parent) as Iterable<unknown>) {
      yield { row: this.#rowOf(columns as Columns), fits: (columns as unknown[])[7] === 1 };
    }
  }

  #all(from: string, where: string, ...values: (number | string | Uint8Array)[]): NodeRow[] {
    const rows = this.#selecting(from, where).all(...values, ...this.#condition.values) as unknown as Columns[];
    return rows.map((columns) => this.#rowOf(columns));
  }

  *#each(from: string, where: string, ...values: (number | string | Uint8Array)[]): Generator<NodeRow> {
    for (const columns of this.#selecting(from, where).iterate(...values, ...this.#condition.values) as Iterable<unknown>)
      yield this.#rowOf(columns as Columns);
  }

  #selecting(from: string, where: string): StatementSync {
    return this.#prepared(`SELECT ${COLUMNS} FROM ${from} WHERE ${where} ${this.#condition.sql}`);
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #rowOf([node, parent, text, type, size, seconds, rest]: Columns): NodeRow {
    const name = nameOfText(text, () => this.#blobOf(node));
    // SQLite's division rounds towards zero.
    const mtime = rest < 0 ? { seconds: seconds - 1, nanoseconds: rest + BILLION } : { seconds, nanoseconds: rest };
    return { node, parent, name, type, size, mtime };
  }

  #blobOf(node: NodeId): unknown {
    const [name] = this.#prepared('SELECT name FROM node WHERE id = ?').get(node) as unknown as [Uint8Array];
    return name;
  }
}
