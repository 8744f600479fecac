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
const COLUMNS = `node.id, node.parent, CAST(node.name AS TEXT), node.kind, node.size, node.mtime / ${BILLION}, node.mtime % ${BILLION}`;

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

  byId(nodes: readonly NodeId[]): NodeRow[] {
    return this.#all('json_each(?) AS wanted CROSS JOIN node ON node.id = wanted.value', '', JSON.stringify(nodes));
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
    return this.#all('root CROSS JOIN node ON node.id = root.node', '');
  }

  /** All children, and of each whether it fulfils the condition. */
  *children(parent: NodeId): Generator<{ readonly row: NodeRow; readonly fits: boolean }> {
    const statement = this.#prepared(`SELECT ${COLUMNS}, ${this.#condition.sql} FROM node WHERE parent = ?`);
    for (const columns of statement.iterate(...this.#condition.values, parent) as Iterable<unknown>) {
      yield { row: this.#rowOf(columns as Columns), fits: (columns as unknown[])[7] === 1 };
    }
  }

  #all(from: string, where: string, ...values: (number | string | Uint8Array)[]): NodeRow[] {
    return [...this.#each(from, where, ...values)];
  }

  *#each(from: string, where: string, ...values: (number | string | Uint8Array)[]): Generator<NodeRow> {
    const statement = this.#prepared(`SELECT ${COLUMNS} FROM ${from} WHERE ${where} ${this.#condition.sql}`);
    for (const columns of statement.iterate(...values, ...this.#condition.values) as Iterable<unknown>)
      yield this.#rowOf(columns as Columns);
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
