import type { ByteName } from '../../../base/names.ts';
import { joinPath } from '../../../tree/view.ts';
import { reading } from '../../rows.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../../types.ts';
import type { History } from '../history.ts';
import type { KeptContents } from '../kept-contents.ts';
import { locate, nodeAtMoment, resolvePath } from '../paths.ts';
import type { Moment } from '../types.ts';
import { TRASH } from './places.ts';
import { refuseDependents } from './refuse-dependents.ts';
import type { UndoItem, UndoPlace, UndoStep } from './types.ts';

/**
 * What has to be done so that a path and everything below it is again what it was at a moment. Not each event is taken back, but their sum: what came and went since leaves
 * no trace, and a plan that was carried out in part can be made again. Moves across the border of the path are taken back, too. To be called within
 * `atOneMoment`. Costs the events since.
 */
export function planUndo(history: History, contents: KeptContents, path: ByteName, moment: Moment): UndoItem[] {
  const plan = new Plan(history, contents, path, moment);
  const nodes = reading(history.database, 'SELECT DISTINCT node FROM event WHERE id > ?').all(moment);
  for (const { node } of nodes) plan.consider(Number(node));
  return plan.items();
}

interface Change {
  readonly was: NodeState | undefined;
  readonly placeWas: Place | undefined;
  readonly now: NodeState | undefined;
  readonly placeNow: Place | undefined;
}

class Plan {
  readonly #history: History;
  readonly #contents: KeptContents;
  readonly #moment: Moment;
  readonly #present: Moment;
  readonly #tops: ReadonlySet<NodeId>;
  readonly #trash: ReadonlySet<NodeId>;
  readonly #changes = new Map<NodeId, Change>();
  /** Folders, and whether something else had come to their places. */
  readonly #replaced = new Map<NodeId, boolean>();
  /** Folders that are gone, and those that have taken their places: they stay, and what was in the former comes to stand in them. */
  readonly #successors = new Map<NodeId, NodeId>();

  constructor(history: History, contents: KeptContents, path: ByteName, moment: Moment) {
    this.#history = history;
    this.#contents = contents;
    this.#moment = moment;
    this.#present = history.newest();
    const roots = locate(history, path);
    const then = roots.flatMap((rooted) => nodeAtMoment(history, rooted, moment)?.id ?? []);
    const now = resolvePath(history, path)?.id;
    this.#tops = new Set(now === undefined ? then : [now, ...then]);
    this.#trash = new Set(roots.flatMap(({ root }) => history.child({ parent: root.node, name: TRASH })?.id ?? []));
  }

  consider(node: NodeId): void {
    const was = this.#history.stateAt(node, this.#moment);
    const now = this.#history.node(node);
    const placeWas = was && this.#history.placeAt(node, this.#moment);
    if (placeWas !== undefined && this.#wasReplaced(node, placeWas)) return;
    const isOurs = this.#isIn(node, placeWas, this.#moment) || this.#isIn(node, now, this.#present);
    const isTrash =
      placeWas === undefined && now !== undefined && (this.#trash.has(node) || this.#history.above(now, this.#trash, this.#present));
    if (!isOurs || isTrash) return;
    const isSamePlace = now !== undefined && placeWas !== undefined && this.#hasJoinedRoots(now, placeWas);
    this.#changes.set(node, { was, placeWas: isSamePlace ? now : placeWas, now, placeNow: now });
  }

  /** Whether a folder has the same path in another root, which came to be watched around it, or was: it has two places there, and moved nowhere. */
  #hasJoinedRoots(now: CatalogueNode, placeWas: Place): boolean {
    if ((now.parent === NO_DIRECTORY) === (placeWas.parent === NO_DIRECTORY)) return false;
    return this.#history.pathAt(now.id, this.#moment) === this.#history.pathAt(now.id, this.#present);
  }

  /** Whether something else had come to the place of a node by then, or of a folder above it: then it was not there any more, which was told later, and where it was instead is not known. */
  #wasReplaced(node: NodeId, place: Place): boolean {
    if (this.#history.holderAt(place, this.#moment) !== node) return true;
    const above = place.parent;
    if (above <= NO_DIRECTORY) return false;
    let isReplaced = this.#replaced.get(above);
    if (isReplaced === undefined) {
      const placeAbove = this.#history.placeAt(above, this.#moment);
      isReplaced = placeAbove !== undefined && this.#wasReplaced(above, placeAbove);
      this.#replaced.set(above, isReplaced);
    }
    return isReplaced;
  }

  /** Those that differ from what they were, directories before what is in them. */
  items(): UndoItem[] {
    this.#findSuccessors();
    const found: UndoItem[] = [];
    const standing = new Map<UndoItem, NodeId>();
    for (const [node, change] of this.#changes) {
      const place = change.placeWas && this.#inSuccessor(change.placeWas);
      const steps = stepsOf({ ...change, placeWas: place });
      if (steps.length === 0) continue;
      const from = change.placeNow && this.#placeOf(node, (at) => this.#history.placeAt(at, this.#present));
      const to = change.placeWas && this.#placeOf(node, (at) => this.#placeThen(at));
      const refused = this.#refusal(change, steps, from, to);
      const item: UndoItem = { node, steps, from, to, now: change.now, was: change.was, ...(refused !== undefined && { refused }) };
      found.push(item);
      const there = place && (steps.includes('create') || steps.includes('move')) ? this.#history.child(place) : undefined;
      if (there !== undefined && there.id !== node) standing.set(item, there.id);
    }
    const key = ({ from, to }: UndoItem) => (to ?? from)?.path.replaceAll('/', '\0') ?? '';
    return refuseDependents(found, standing).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  /**
   * A new file or folder in the place of one that is gone is not removed, but gets what that one was: so do editors and programs that update save. A new file that holds
   * already what one in the trash was has come by an undo, and stays.
   */
  #findSuccessors(): void {
    const gone = [...this.#changes].flatMap(([node, { was, placeWas, placeNow }]) => {
      const isGone = placeNow === undefined || this.#history.above(placeNow, this.#trash, this.#present) !== undefined;
      return was && placeWas && isGone ? [{ node, was, placeWas, isTrash: placeNow !== undefined }] : [];
    });
    const depths = new Map(gone.map(({ node }) => [node, this.#placeOf(node, (at) => this.#placeThen(at))?.path.split('/').length ?? 0]));
    gone.sort((a, b) => (depths.get(a.node) ?? 0) - (depths.get(b.node) ?? 0));
    for (const { node, was, placeWas, isTrash } of gone) {
      const place = this.#inSuccessor(placeWas);
      const now = this.#history.child(place);
      const change = now && this.#changes.get(now.id);
      if (now === undefined || change === undefined || change.was !== undefined || now.kind !== was.kind) continue;
      if (now.kind !== 'file' && now.kind !== 'directory') continue;
      if (isTrash && (now.kind !== 'file' || !holdsSame(was, now))) continue;
      this.#changes.delete(node);
      this.#changes.set(now.id, { ...change, was, placeWas: place });
      this.#successors.set(node, now.id);
    }
  }

  /** What was in a folder that is gone comes to stand in the one that has taken its place. */
  #inSuccessor({ parent, name }: Place): Place {
    return { parent: this.#successors.get(parent) ?? parent, name };
  }

  /** Where a node will be: where it was if it is ours, else where it is. */
  #placeThen(was: NodeId): Place | undefined {
    const node = this.#successors.get(was) ?? was;
    const change = this.#changes.get(node);
    return change === undefined ? this.#history.placeAt(node, this.#present) : change.placeWas;
  }

  #placeOf(node: NodeId, placeOf: (node: NodeId) => Place | undefined): UndoPlace | undefined {
    const names: ByteName[] = [];
    for (let at = placeOf(node); at !== undefined; at = placeOf(at.parent)) {
      if (at.parent === NO_DIRECTORY) return { root: at.name, path: names.reverse().reduce(joinPath, '' as ByteName) };
      names.push(at.name);
    }
    return undefined;
  }

  #isIn(node: NodeId, place: Place | undefined, moment: Moment): boolean {
    return place !== undefined && (this.#tops.has(node) || this.#history.above(place, this.#tops, moment) !== undefined);
  }

  #refusal({ was }: Change, steps: readonly UndoStep[], from: UndoPlace | undefined, to: UndoPlace | undefined): string | undefined {
    if ((!steps.includes('create') && from === undefined) || (!steps.includes('remove') && to === undefined))
      return 'a folder above it is gone';
    if (from?.path === '' || to?.path === '')
      return steps.every((step) => step === 'attributes') ? undefined : 'it is a watched folder itself';
    if (was === undefined || !(steps.includes('create') || steps.includes('content'))) return undefined;
    if (was.kind === 'character' || was.kind === 'block') return 'which device it was is not known';
    const needsContent = was.kind === 'file' || was.kind === 'symlink';
    return needsContent && this.#contents.refOf(was) === undefined ? 'its content was not kept' : undefined;
  }
}

function stepsOf({ was, placeWas, now, placeNow }: Change): UndoStep[] {
  if (was === undefined || placeWas === undefined) return now === undefined ? [] : ['remove'];
  if (now === undefined || placeNow === undefined) return ['create'];
  const steps: UndoStep[] = [];
  if (placeWas.parent !== placeNow.parent || placeWas.name !== placeNow.name) steps.push('move');
  if (was.kind === 'file' && !holdsSame(was, now)) steps.push('content');
  else if (was.mode !== now.mode || was.uid !== now.uid || was.gid !== now.gid) steps.push('attributes');
  return steps;
}

function holdsSame(was: NodeState, now: NodeState): boolean {
  if (was.digest !== undefined && now.digest !== undefined) return Buffer.compare(was.digest, now.digest) === 0;
  return was.size === now.size && was.mtime === now.mtime;
}
