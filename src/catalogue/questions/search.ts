import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { type FileKind, kindOfType, type Time } from '../../sys/stat.ts';
import { joined } from '../look/paths.ts';
import { NO_DIRECTORY, type NodeId } from '../types.ts';
import { DIRECTORY_TYPE } from './entry-types.ts';
import { conditionOf, type Filters, termsOfFilters } from './filters.ts';
import { fuzzyNames } from './fuzzy.ts';
import { lastIndexedNode } from './name-index.ts';
import { pagesWith } from './name-pages.ts';
import { type NodeRow, NodeRows } from './node-rows.ts';
import { nodeAt, Places, pathBelow } from './places.ts';
import { type CaseRule, type Needles, type PatternKind, readTerm, Subject, type Term } from './term.ts';

export interface SearchQuestion extends Filters {
  /** All must match. Those that hold a slash are about whole paths. */
  readonly words: readonly string[];
  /** How words are to be read; `text` when left out. */
  readonly pattern?: PatternKind;
  /** `smart` when left out: a word with a capital means it. */
  readonly caseRule?: CaseRule;
  /** All words are about whole paths. */
  readonly wholePaths?: boolean;
}

export interface Found {
  readonly node: NodeId;
  readonly path: ByteName;
  readonly kind: FileKind;
  readonly size: number;
  readonly mtime: Time;
}

/** A subtree of at most so many nodes is walked instead of looking into the index of all names. */
const SMALL_SUBTREE = 5000;
/** Found together and looked up together. */
const BATCH = 256;

/**
 * The nodes that are as asked, in batches, the first as soon as it is found; in no order but that of fuzzy ones, best first. Ask `atOneMoment`.
 * Throws UsageError for a pattern that cannot be read.
 */
export function* search(database: DatabaseSync, question: SearchQuestion): Generator<Found[]> {
  const scope = new Scope(database, question);
  if (question.pattern === 'fuzzy') {
    const terms = termsOfFilters(question);
    const filter = (rows: NodeRow[]) => new Set([...scope.confirm([rows], terms)].flat().map(({ node }) => node));
    yield* scope.confirm(fuzzyNames(database, scope.rows, question.words.join(''), isFiltered(question) ? filter : undefined), terms);
    return;
  }
  const terms = [
    ...question.words.map((word) => readTerm(question.pattern as 'text', word, question.caseRule ?? 'smart', question.wholePaths ?? false)),
    ...termsOfFilters(question),
  ];
  yield* scope.answer(terms);
}

/** Whether anything but words is asked for. */
function isFiltered(question: SearchQuestion): boolean {
  const { below, accepts } = question;
  return below !== undefined || accepts !== undefined || termsOfFilters(question).length > 0 || conditionOf(question).values.length > 0;
}

/** One search under way. */
class Scope {
  readonly rows: NodeRows;
  readonly #database: DatabaseSync;
  readonly #question: SearchQuestion;
  readonly #places: Places;

  constructor(database: DatabaseSync, question: SearchQuestion) {
    this.#database = database;
    this.#question = question;
    this.rows = new NodeRows(database, conditionOf(question));
    this.#places = new Places(database);
  }

  *answer(terms: readonly Term[]): Generator<Found[]> {
    const { below, digest } = this.#question;
    if (digest !== undefined) return yield* this.confirm(batches(this.rows.withDigest(digest)), terms);
    const needles = combined(terms.filter(({ contains }) => contains === undefined).map((term) => term.needles));
    const base = below === undefined ? undefined : nodeAt(this.#database, below);
    if (below !== undefined && base === undefined) return;
    if (base !== undefined && (!areUseful(needles) || this.#isSmall(base)))
      return yield* this.confirm(batches(this.#descend(base, below as ByteName)), terms);
    const through = !areUseful(needles) ? terms.find(({ contains }) => contains !== undefined) : undefined;
    if (through === undefined) return yield* this.confirm(this.#named(needles, commonTest(terms)), terms);
    yield* this.confirm(this.#throughFolders(through), terms);
  }

  /** Those of `candidates` that match every term, with their paths. */
  *confirm(candidates: Iterable<NodeRow[]>, terms: readonly Term[] = []): Generator<Found[]> {
    const onName = terms.filter(({ on }) => on === 'name');
    const onPath = terms.filter(({ on }) => on === 'path');
    const { below, accepts } = this.#question;
    for (const rows of candidates) {
      const found: Found[] = [];
      for (const row of rows) {
        if (onName.length > 0) {
          const name = new Subject(lastName(row));
          if (!onName.every((term) => term.test(name))) continue;
        }
        const path = this.#pathOf(row);
        const kind = kindOfType(row.type);
        if (path === undefined || kind === undefined) continue;
        if (below !== undefined && !pathBelow(below, path)) continue;
        if (onPath.length > 0) {
          const subject = new Subject(path);
          if (!onPath.every((term) => term.test(subject))) continue;
        }
        if (accepts !== undefined && !accepts(path)) continue;
        found.push({ node: row.node, path, kind, size: row.size, mtime: row.mtime });
      }
      if (found.length > 0) yield found;
    }
  }

  /** Nodes in whose own name the needles may be, each once; those left out of which `mayMatch` tells. */
  *#named(needles: Needles, mayMatch?: Term['mayMatch']): Generator<NodeRow[]> {
    yield this.rows.tops();
    const last = lastIndexedNode(this.#database);
    if (!areUseful(needles) && mayMatch === undefined) {
      yield* batches(this.rows.after(0), ({ parent }) => parent > NO_DIRECTORY);
      return;
    }
    const changed = this.rows.changed(last).filter(({ parent }) => parent > NO_DIRECTORY);
    const seen = new Set(changed.map(({ node }) => node));
    yield changed;
    for (const { nodes, isLate } of pagesWith(this.#database, areUseful(needles) ? needles : [[]], mayMatch)) {
      const rows = this.rows.byId(seen.size === 0 ? nodes : nodes.filter((node) => !seen.has(node)));
      if (isLate) for (const { node } of rows) seen.add(node);
      yield rows;
    }
    yield* batches(this.rows.after(last), ({ node, parent }) => parent > NO_DIRECTORY && !seen.has(node));
  }

  /** For a text on paths: the names that complete it, and everything below them. */
  *#throughFolders(term: Term): Generator<NodeRow[]> {
    const contains = term.contains as (path: string) => boolean;
    // Conditions are for what is found, not for the folders on the way.
    const anywhere = new Scope(this.#database, { words: [] });
    for (const rows of !areUseful(term.needles) ? [anywhere.rows.tops()] : anywhere.#named(term.needles)) {
      const here: NodeRow[] = [];
      for (const row of rows) {
        const path = this.#pathOf(row);
        if (path === undefined || !contains(`${path}/`)) continue;
        if (row.parent !== NO_DIRECTORY && contains(`${this.#places.folderPath(row.parent)}/`)) continue;
        here.push(...this.rows.byId([row.node]));
        if (row.type !== DIRECTORY_TYPE) continue;
        yield here.splice(0);
        yield* batches(this.#descend(row.node, path));
      }
      yield here;
    }
  }

  *#descend(base: NodeId, path: ByteName): Generator<NodeRow> {
    const waiting = [{ node: base, path }];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      this.#places.remember(folder.node, folder.path);
      for (const { row, fits } of [...this.rows.children(folder.node)]) {
        if (row.type === DIRECTORY_TYPE) waiting.push({ node: row.node, path: joined(folder.path, row.name) });
        if (fits) yield row;
      }
    }
  }

  #pathOf(row: NodeRow): ByteName | undefined {
    if (row.parent === NO_DIRECTORY) return row.name;
    const folder = this.#places.folderPath(row.parent);
    return folder === undefined ? undefined : joined(folder, row.name);
  }

  #isSmall(node: NodeId): boolean {
    const sums = this.#database.prepare('SELECT files + directories AS count FROM directory WHERE node = ?').get(node);
    return (sums?.count as number | undefined) === undefined ? false : (sums?.count as number) <= SMALL_SUBTREE;
  }
}

/** More alternatives than these are not looked up one by one. */
const MAX_ALTERNATIVES = 64;

/** What is in every name that matches several terms, each of which knows the same of itself. */
function combined(all: readonly Needles[]): Needles {
  let lists: Needles = [[]];
  for (const needles of all.filter(areUseful)) {
    if (lists.length * needles.length > MAX_ALTERNATIVES) continue;
    lists = lists.flatMap((list) => needles.map((more) => [...list, ...more]));
  }
  return lists;
}

/** What all terms about names together can tell of a folded name; undefined when they tell nothing. */
function commonTest(terms: readonly Term[]): Term['mayMatch'] {
  const tests = terms.flatMap(({ on, mayMatch }) => (on === 'name' && mayMatch !== undefined ? [mayMatch] : []));
  return tests.length === 0 ? undefined : (folded) => tests.every((test) => test(folded));
}

/** Whether there is something to look for in every case. */
function areUseful(needles: Needles): boolean {
  return needles.length > 0 && needles.every((list) => list.length > 0);
}

/** The top of a root is called by the last name of its path. */
function lastName({ parent, name }: NodeRow): ByteName {
  return parent === NO_DIRECTORY ? (name.slice(name.lastIndexOf('/') + 1) as ByteName) : name;
}

/** The first batch is small, so that something is seen soon. */
function* batches(rows: Iterable<NodeRow>, accepts: (row: NodeRow) => boolean = () => true): Generator<NodeRow[]> {
  let batch: NodeRow[] = [];
  let size = 1;
  for (const row of rows) {
    if (!accepts(row)) continue;
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
    size = Math.min(size * 2, BATCH);
  }
  if (batch.length > 0) yield batch;
}
