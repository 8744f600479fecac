import type { DatabaseSync } from 'node:sqlite';
import { nameFromText } from '../../base/names.ts';
import type { NodeId } from '../types.ts';
import { fold } from './fold.ts';
import { lastIndexedNode } from './name-index.ts';
import { pagesWithInOrder } from './name-pages.ts';
import type { NodeRow, NodeRows } from './node-rows.ts';

/** So many of the best are kept while names are looked through. */
const KEPT = 2000;
const BATCH = 256;
const WORD_START = /[^a-z0-9\x80-\xff]/;

interface Candidate {
  readonly score: number;
  readonly node: NodeId;
}

/**
 * Nodes in whose names the characters of `pattern` stand in this order, whatever is between them, best first: those where they stand together, at the beginnings of words, in
 * short names. `filter` says which of some rows are wanted: the best are chosen among those; without it, all are.
 */
export function* fuzzyNames(
  database: DatabaseSync,
  rows: NodeRows,
  pattern: string,
  filter?: (rows: NodeRow[]) => ReadonlySet<NodeId>,
): Generator<NodeRow[]> {
  const wanted = fold(nameFromText(pattern));
  const best: Candidate[] = [];
  /** So many of the best have been asked for. */
  let chosen = 0;
  let worst = Number.NEGATIVE_INFINITY;
  const choose = (): void => {
    const fresh = best.splice(chosen);
    const isWanted = filter?.(rows.byId(fresh.map(({ node }) => node)));
    for (const each of fresh) if (isWanted?.has(each.node) !== false) best.push(each);
    worst = keepBest(best);
    chosen = best.length;
  };
  const offer = (node: NodeId, score: number): void => {
    if (score <= worst) return;
    best.push({ node, score });
    if (best.length - chosen >= KEPT) choose();
  };
  const scores = new Map<NodeId, number>();
  const last = lastIndexedNode(database);
  for (const row of [...rows.tops(), ...rows.changed(last)]) scores.set(row.node, fuzzyScore(fold(row.name), wanted));
  for (const { node, name, parent } of rows.after(last)) if (parent !== 0 && !scores.has(node)) offer(node, fuzzyScore(fold(name), wanted));
  for (const [node, score] of scores) offer(node, score);
  for (const { found, isLate } of pagesWithInOrder(database, wanted)) {
    for (const { node, name } of found) {
      const score = fuzzyScore(name, wanted);
      if (score <= worst || scores.has(node)) continue;
      if (isLate) scores.set(node, score);
      offer(node, score);
    }
  }
  choose();
  for (let at = 0; at < best.length; at += BATCH) {
    const rank = new Map(best.slice(at, at + BATCH).map(({ node }, i) => [node, i]));
    const found = rows.byId([...rank.keys()]).filter(({ name }) => fuzzyScore(fold(name), wanted) > Number.NEGATIVE_INFINITY);
    yield found.sort((a, b) => (rank.get(a.node) as number) - (rank.get(b.node) as number));
  }
}

/** How well a folded name fits; minus infinity when it does not. Each run of characters that stand together counts for the square of its length. */
export function fuzzyScore(name: string, wanted: string): number {
  const whole = name.indexOf(wanted);
  if (whole >= 0) return wanted.length ** 2 + startBonus(name, whole) - name.length / 256;
  let score = 0;
  let at = -1;
  let run = 0;
  for (let i = 0; i < wanted.length; i++) {
    const next = name.indexOf(wanted[i] as string, at + 1);
    if (next < 0) return Number.NEGATIVE_INFINITY;
    if (next === at + 1 && i > 0) run++;
    else {
      score += run ** 2 + startBonus(name, next);
      run = 1;
    }
    at = next;
  }
  return score + run ** 2 - name.length / 256;
}

function startBonus(name: string, at: number): number {
  return at === 0 || WORD_START.test(name[at - 1] as string) ? 1 : 0;
}

/** Sorts, drops what is too much, and returns the score that is to be beaten from now on. */
function keepBest(best: Candidate[]): number {
  best.sort((a, b) => b.score - a.score || a.node - b.node);
  best.length = Math.min(best.length, KEPT);
  return best.length < KEPT ? Number.NEGATIVE_INFINITY : (best.at(-1) as Candidate).score;
}
