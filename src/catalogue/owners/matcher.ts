import type { ByteName } from '../../base/names.ts';
import { GlobSet } from './glob-set.ts';
import { type Component, type FolderPattern, patternOfPath } from './pattern.ts';
import { type Claim, compareClaims } from './specificity.ts';
import type { OwnerRule } from './types.ts';

/** Where a walk stands: who owns this path, and (inside) what may yet match below. Good for as long as its matcher. */
export interface OwnerState {
  readonly owner: OwnerRule | undefined;
  /** Whether the owner claims this very path, and not a folder above it. */
  readonly isClaimed: boolean;
  /** Whether all below has the same owner, so that nobody need ask. */
  readonly isSettled: boolean;
}

/**
 * Numbers and names that remembered nodes may hold, some tens of megabytes. The shipped rules need some thousands; what a hostile set of
 * patterns needs beyond this is worked out each time.
 */
const MAX_REMEMBERED = 1 << 20;
/** Rank of no claim: behind all others. */
const NOBODY = Number.MAX_SAFE_INTEGER;

/**
 * All rules as one automaton, made as it is walked. A directory's state and a child's name give the child's state, at the cost of a look
 * into a map and of the few globs that may match there; where nothing can match below, at none.
 *
 * A node of it is a set of *items*: a pattern and how many of its components are matched. Claims are sorted by specificity, so that of
 * several the best is the one of the smallest number, its *rank*; behind them come the patterns of homes, which start those that begin with
 * `~`.
 */
export class OwnerMatcher {
  readonly #claims: readonly Claim[];
  readonly #patterns: readonly FolderPattern[];
  /** Items that each home starts. */
  readonly #homeClaims: readonly number[];
  /** Of each pattern the number of its first item. */
  readonly #firstItem: readonly number[];
  /** Of each item its pattern. */
  readonly #patternOf: readonly number[];
  readonly #nodes = new Map<string, Node>();
  #remembered = 0;
  readonly #top: State;
  #lastFolder = '';
  #lastState: State;

  /** `homes` are the homes of all users, as absolute paths without symbolic links. */
  constructor(rules: readonly OwnerRule[], homes: readonly ByteName[]) {
    this.#claims = rules.flatMap((rule) => rule.folders.map((pattern) => ({ rule, pattern }))).sort(compareClaims);
    this.#patterns = [...this.#claims.map(({ pattern }) => pattern), ...homes.map(patternOfPath)];
    this.#homeClaims = [...this.#claims.keys()].filter((rank) => this.#claims[rank]?.pattern.fromHome);
    const firstItem: number[] = [];
    const patternOf: number[] = [];
    for (const [pattern, { components }] of this.#patterns.entries()) {
      firstItem.push(patternOf.length);
      for (const _ of components) patternOf.push(pattern);
    }
    this.#firstItem = firstItem;
    this.#patternOf = patternOf;
    const start = new Gathered();
    for (const [pattern, { fromHome }] of this.#patterns.entries()) if (!fromHome) this.#reach(start, pattern, 0);
    this.#top = this.#stateAt(this.#nodeOf(start.items), start.best, start.best !== NOBODY);
    this.#lastState = this.#top;
  }

  /** The state of `/`. */
  get top(): OwnerState {
    return this.#top;
  }

  /** The state of the entry `name` in a directory that has `state`. */
  child(state: OwnerState, name: ByteName): OwnerState {
    return this.#child(state as State, name);
  }

  /** The state of an absolute path. Asking for one path of a directory after another is cheapest. */
  stateOf(path: ByteName): OwnerState {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash);
    if (folder !== this.#lastFolder) {
      this.#lastState = this.#walk(folder);
      this.#lastFolder = folder;
    }
    const name = path.slice(slash + 1) as ByteName;
    return name === '' ? this.#lastState : this.#child(this.#lastState, name);
  }

  /** The rule that an absolute path belongs to; undefined: nobody's. */
  ownerOf(path: ByteName): OwnerRule | undefined {
    return this.stateOf(path).owner;
  }

  #walk(folder: string): State {
    let state = this.#top;
    for (const name of folder.split('/')) if (name !== '') state = this.#child(state, name as ByteName);
    return state;
  }

  #child(state: State, name: ByteName): State {
    if (state.isSettled) return state.unclaimed ?? state;
    const { node, best } = this.#step(state.node, name);
    if (best !== NOBODY) return this.#stateAt(node, best, true);
    return node === state.node && state.unclaimed === undefined ? state : this.#stateAt(node, state.rank, false);
  }

  #step(node: Node, name: ByteName): Transition {
    const named = node.byName.get(name);
    if (named) return named;
    // A name that stands in a pattern here has a transition of its own. All others are told apart only by the globs that they match.
    const group = named === null ? undefined : node.globs.matchesOf(name);
    const known = group === undefined ? undefined : node.byGlobs.get(group);
    if (known) return known;
    const transition = this.#work(node, name);
    if (node.isRemembered && this.#remember(1)) {
      if (group === undefined) node.byName.set(name, transition);
      else node.byGlobs.set(group, transition);
    }
    return transition;
  }

  #work(node: Node, name: ByteName): Transition {
    const gathered = new Gathered();
    for (const item of node.items) {
      const pattern = this.#patternOf[item] as number;
      const at = item - (this.#firstItem[pattern] as number);
      const component = this.#componentOf(item);
      if (component.kind === 'any') this.#reach(gathered, pattern, at);
      else if (component.kind === 'name' ? component.name === name : component.matches(name)) this.#reach(gathered, pattern, at + 1);
    }
    return { node: this.#nodeOf(gathered.items), best: gathered.best };
  }

  /** Notes that `at` components of a pattern are matched; `any` may also be none. */
  #reach(gathered: Gathered, pattern: number, at: number): void {
    const { components } = this.#patterns[pattern] as FolderPattern;
    if (at < components.length) {
      gathered.items.push((this.#firstItem[pattern] as number) + at);
      if (components[at]?.kind === 'any') this.#reach(gathered, pattern, at + 1);
    } else if (pattern < this.#claims.length) gathered.best = Math.min(gathered.best, pattern);
    else for (const claim of this.#homeClaims) this.#reach(gathered, claim, 0);
  }

  #nodeOf(unsorted: readonly number[]): Node {
    const items = [...new Set(unsorted)].sort((a, b) => a - b);
    const key = items.join();
    const known = this.#nodes.get(key);
    if (known) return known;
    const isRemembered = this.#remember(2 * items.length + 1);
    const node = new Node(
      items,
      items.map((item) => this.#componentOf(item)),
      isRemembered,
    );
    if (isRemembered) this.#nodes.set(key, node);
    return node;
  }

  #componentOf(item: number): Component {
    const pattern = this.#patternOf[item] as number;
    return this.#patterns[pattern]?.components[item - (this.#firstItem[pattern] as number)] as Component;
  }

  #stateAt(node: Node, rank: number, isClaimed: boolean): State {
    const states = isClaimed ? node.claimed : node.unclaimed;
    const known = states.get(rank);
    if (known) return known;
    const unclaimed = isClaimed ? this.#stateAt(node, rank, false) : undefined;
    const state = { node, rank, owner: this.#claims[rank]?.rule, isClaimed, isSettled: node.items.length === 0, unclaimed };
    if (node.isRemembered && this.#remember(1)) states.set(rank, state);
    return state;
  }

  #remember(count: number): boolean {
    if (this.#remembered + count > MAX_REMEMBERED) return false;
    this.#remembered += count;
    return true;
  }
}

interface State extends OwnerState {
  readonly node: Node;
  /** Of the claim that decided. */
  readonly rank: number;
  /** The same without the claim: what a child gets that nothing matches. Undefined where this is it. */
  readonly unclaimed: State | undefined;
}

interface Transition {
  readonly node: Node;
  /** The best rank of a claim to the path itself. */
  readonly best: number;
}

class Gathered {
  readonly items: number[] = [];
  best = NOBODY;
}

class Node {
  readonly items: readonly number[];
  /** Whether this is the only node of its items, so that what is found out about it is worth keeping. */
  readonly isRemembered: boolean;
  /** A transition for each name that stands in a pattern, null until it is worked out. */
  readonly byName: Map<ByteName, Transition | null>;
  readonly globs: GlobSet;
  /** The other transitions, by the numbers of the globs that a name matches. */
  readonly byGlobs = new Map<string, Transition>();
  readonly claimed = new Map<number, State>();
  readonly unclaimed = new Map<number, State>();

  constructor(items: readonly number[], components: readonly Component[], isRemembered: boolean) {
    this.items = items;
    this.isRemembered = isRemembered;
    this.byName = new Map(components.flatMap((component) => (component.kind === 'name' ? [[component.name, null]] : [])));
    this.globs = new GlobSet(components.filter((component) => component.kind === 'glob'));
  }
}
