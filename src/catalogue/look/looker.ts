import { type CatalogueNode, type Cause, LIMBO, type NodeId, type NodeState, type Place } from '../types.ts';
import { differs, isLinked, isSameFile } from '../write/difference.ts';
import type { Writer } from '../write/writer.ts';

/** What is in two places in so many looks, one at each in turn, is taken to be in both. */
const MOST_LOOKS = 8;

/** What somebody has to do after a look. */
export interface Consequences {
  /** A directory is new here: what is in it is not known. */
  readonly onNewDirectory: (id: NodeId) => void;
  /** A directory that was known has come to another place, with all below it. */
  readonly onMovedDirectory: (id: NodeId) => void;
  /** Mode or owner of a directory may have changed. */
  readonly onDirectory: (id: NodeId) => void;
  /** The content of a file or link is new or may have changed. */
  readonly onContent: (id: NodeId) => void;
  /** It was taken for granted what a directory does not hold any more, since it could not be reached. */
  readonly onDoubt: (directory: NodeId) => void;
}

/** Looks by a stat of now. */
export interface Disk {
  /** Whether a node's place still holds its file; undefined when its directory is not where it was. */
  holds(node: CatalogueNode): boolean | undefined;
  /** What is at a place in a directory; undefined when nothing is, or it cannot be looked at; `unreached` when its directory is not where it was. */
  stateAt(place: Place): NodeState | 'unreached' | undefined;
}

/**
 * The one way in which the catalogue learns: the stat of a name now, compared with what was known of it. What an event says or a listing shows ends here.
 *
 * A file that was known elsewhere, whose place there does not hold it any more, has moved. One that left its place is in limbo until
 * somebody meets it again, or nobody can any more (`Writer.clearLimbo`).
 */
export class Looker {
  readonly #writer: Writer;
  readonly #disk: Disk;
  readonly #consequences: Consequences;
  /** Files of which a link came or went: what the other links say of them is out of date. */
  #links = new Map<string, NodeState>();
  #found = 0;

  constructor(writer: Writer, disk: Disk, consequences: Consequences) {
    this.#writer = writer;
    this.#disk = disk;
    writer.onRemoved((node) => this.#noteLink(node));
    this.#consequences = consequences;
  }

  /** How many looks so far have found something else than was known at a place, or nothing: something may have come there and gone on. */
  get found(): number {
    return this.#found;
  }

  /** There is such a file at that place, or was when somebody looked. Returns its node; undefined when a new look has shown something else, or nothing. */
  present(place: Place, found: NodeState, cause: Cause): NodeId | undefined {
    const here = this.#writer.rows.at(place);
    if (here !== undefined && isSameFile(here, found)) {
      this.#writer.journal.told(here.id, cause.process, cause.time);
      // Where no birth time is kept, it may have been made anew.
      if (isBirthless(found) && differs(here, found)) this.#consequences.onNewDirectory(here.id);
      this.#change(here, found, cause);
      return here.id;
    }
    this.#found++;
    const { state, moved } = this.#recognise(place, found);
    if (state === undefined || state === 'unreached' || !isSameFile(state, found)) {
      this.#correct(place, state, cause);
      return undefined;
    }
    if (here !== undefined) this.#writer.detach(here, cause);
    if (moved === undefined) return this.#create(place, state, cause);
    if (moved.kind === 'directory') this.#leaveItself(moved.id, place.parent, cause);
    const { id, digest } = this.#isBack(moved, place) ? this.#comeBack(moved, state, cause) : this.#writer.move(moved, place, state, cause);
    this.#noteLink(state);
    if (state.kind === 'directory') this.#consequences.onMovedDirectory(id);
    // Its change time is that of the move.
    if (isBirthless(state) && moved.mtime !== state.mtime) this.#consequences.onNewDirectory(id);
    if (hasContent(state) && digest === undefined) this.#consequences.onContent(id);
    return id;
  }

  /** A node was looked at without its place. */
  itself(id: NodeId, found: NodeState, cause: Cause): void {
    const node = this.#writer.rows.get(id);
    if (node !== undefined && isSameFile(node, found)) this.#change(node, found, cause);
  }

  /** A look at a place was out of date; `now` is what a new one has shown. */
  #correct(place: Place, now: ReturnType<Disk['stateAt']>, cause: Cause): void {
    if (now === 'unreached') this.#consequences.onDoubt(place.parent);
    else if (now === undefined) this.absent(place, cause);
    else this.present(place, now, cause);
  }

  /** There is nothing at that place. */
  absent(place: Place, cause: Cause): void {
    this.#found++;
    const here = this.#writer.rows.at(place);
    if (here !== undefined) this.#writer.detach(here, cause);
    else this.#writer.leftBy(place, cause);
  }

  /**
   * Takes over for every other link what has become of a file through one. To be called before the end of each transaction. Links in a directory that has moved follow when it is known where it is, of which
   * another transaction tells, and all of them behind the first scan, when inodes have an index.
   */
  settleLinks(cause: Cause): void {
    if (!this.#writer.rows.hasInodeIndex) return;
    const unreached = new Map<string, NodeState>();
    for (const [file, state] of this.#links)
      for (const other of this.#writer.rows.ofFile(state)) if (!this.#refresh(other, cause)) unreached.set(file, state);
    this.#links = unreached;
  }

  /** False when nobody can say what has become of it before its directory is found. */
  #refresh(node: CatalogueNode, cause: Cause): boolean {
    const found = this.#disk.stateAt(node);
    if (found === 'unreached') return false;
    if (found !== undefined && isSameFile(node, found)) this.#change(node, found, cause);
    return true;
  }

  #change(here: CatalogueNode, found: NodeState, cause: Cause): void {
    if (differs(here, found)) {
      this.#noteLink(found, here);
      if (here.kind === 'directory') this.#consequences.onDirectory(here.id);
    }
    if (this.#writer.change(here, found, cause)) this.#consequences.onContent(here.id);
  }

  /** Also where it has no other link any more: what the catalogue has of those is out of date then. */
  #noteLink(found: NodeState, before = found): void {
    if (isLinked(found) || isLinked(before)) this.#links.set(`${found.device} ${found.inode}`, found);
  }

  /** Whether a node is in limbo and was at that place before. */
  #isBack({ id }: CatalogueNode, place: Place): boolean {
    const left = this.#writer.leftPlace(id);
    return left !== undefined && left.parent === place.parent && left.name === place.name;
  }

  #comeBack(node: CatalogueNode, found: NodeState, cause: Cause): CatalogueNode {
    const back = this.#writer.comeBack(node);
    this.#change(back, found, cause);
    return back;
  }

  /**
   * Of a directory that moves to below what was in it: one on the way there has left its place before, which is yet to be noticed. Which one is not known, since none of them can be reached. The uppermost is taken out of its place,
   * and that place doubted: if it was not that one, a listing puts it back, and so takes out the next.
   */
  #leaveItself(directory: NodeId, to: NodeId, cause: Cause): void {
    let node = this.#writer.rows.get(to);
    while (node !== undefined && node.parent !== directory) node = this.#writer.rows.get(node.parent);
    if (node === undefined) return;
    this.#writer.detach(node, cause);
    this.#consequences.onDoubt(directory);
  }

  #create(place: Place, found: NodeState, cause: Cause): NodeId {
    const id = this.#writer.create(place, found, cause);
    this.#noteLink(found);
    if (found.kind === 'directory') this.#consequences.onNewDirectory(id);
    else if (hasContent(found)) this.#consequences.onContent(id);
    return id;
  }

  /**
   * The node that has moved to a place at which its file was found, if there is one; and what is there. Where another place holds the file as well, that is looked for again in both: in two places at once are links and, seldom, what is
   * mounted twice, while what goes to and fro is at the other one, and then here, in a look each.
   */
  #recognise(place: Place, found: NodeState): { readonly state: ReturnType<Disk['stateAt']>; readonly moved: CatalogueNode | undefined } {
    for (let state = found, looks = 0; ; looks++) {
      const { moved, isHeld } = this.#elsewhere(state);
      if (!isHeld || isLinked(state) || looks === MOST_LOOKS) return { state, moved };
      const now = this.#disk.stateAt(place);
      if (now === undefined || now === 'unreached' || !isSameFile(now, found)) return { state: now, moved: undefined };
      state = now;
    }
  }

  /** The node of this file at a place which it has left, if there is one; and whether one is at a place that holds it. */
  #elsewhere(found: NodeState): { readonly moved: CatalogueNode | undefined; readonly isHeld: boolean } {
    let isHeld = false;
    for (const node of this.#writer.rows.ofFile(found)) {
      if (!isRecognised(node, found)) continue;
      const holds = node.parent === LIMBO ? false : this.#disk.holds(node);
      if (holds === true) {
        isHeld = true;
        continue;
      }
      if (holds === undefined) this.#consequences.onDoubt(node.parent);
      return { moved: node, isHeld };
    }
    return { moved: undefined, isHeld };
  }
}

/** The content of a link is where it leads to. */
function hasContent({ kind }: NodeState): boolean {
  return kind === 'file' || kind === 'symlink';
}

/** Whether a node that may be that of a file is: where no birth time is kept, an inode that was used again is told from a moved file by what would have stayed. */
function isRecognised(node: CatalogueNode, found: NodeState): boolean {
  return found.born !== 0n || found.kind === 'directory' || (node.size === found.size && node.mtime === found.mtime);
}

/** A directory of which nothing but its times says whether it is the one that had its inode before. */
function isBirthless({ kind, born }: NodeState): boolean {
  return kind === 'directory' && born === 0n;
}
