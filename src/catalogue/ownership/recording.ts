import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes, showName } from '../../base/names.ts';
import { joined, type Paths } from '../look/paths.ts';
import type { Notifier } from '../notify/notifier.ts';
import { DEFAULT_FLAGS } from '../owners/flags.ts';
import type { Owner } from '../owners/types.ts';
import { type Cause, type EventKind, LIMBO, NO_DIRECTORY, type NodeId, type Place } from '../types.ts';
import type { Happening } from '../write/journal.ts';
import type { Writer } from '../write/writer.ts';
import type { Ownership } from './ownership.ts';

export interface RecordingParts {
  readonly database: DatabaseSync;
  readonly ownership: Ownership;
  readonly writer: Writer;
  readonly paths: Paths;
  readonly notifier: Notifier;
}

/** Owner of what nobody owns, in notifications. */
const NOBODY = 'nobody';
/** Path of what is in no place that anybody knows. */
const UNKNOWN = '?';

/**
 * Which changes become events, and which somebody is told of, by the flags of the owner. What moves between two owners is recorded when either wants it.
 *
 * Damage always is recorded and told. Where folders come, go and move to always is recorded, whoever owns them: the paths of what is recorded in them are made of it.
 */
export class Recording {
  readonly #parts: RecordingParts;
  readonly #maker: StatementSync;
  /** Paths of directories that are in no place any more. */
  readonly #left = new Map<NodeId, ByteName>();

  constructor(parts: RecordingParts) {
    this.#parts = parts;
    this.#maker = parts.database.prepare('SELECT executable FROM process WHERE id = ?');
    parts.writer.onMoved(() => this.#left.clear());
  }

  /** For the journal: asked of every change, before it is written. */
  readonly isRecorded = (cause: Cause, happening: Happening): boolean => {
    const { kind } = happening;
    const { ownership } = this.#parts;
    let isWanted = kind === 'rotted';
    let isNoted = false;
    for (const path of this.#pathsOf(happening)) {
      const owner = path === undefined ? undefined : ownership.ownerOf(path);
      const flags = path === undefined ? DEFAULT_FLAGS : ownership.flagsFor(path, owner);
      if (flags.record.has(kind)) isWanted = true;
      if (isNoted || (kind !== 'rotted' && !flags.notify.has(kind))) continue;
      isNoted = true;
      this.#tell(cause, kind, path, owner);
    }
    return isWanted || this.#isPlaceOfDirectory(happening);
  };

  #tell({ time, process }: Cause, kind: EventKind, path: ByteName | undefined, owner: Owner | undefined): void {
    const executable = process === undefined ? null : this.#maker.get(process)?.executable;
    const by = executable instanceof Uint8Array ? showName(nameFromBytes(executable)) : undefined;
    this.#parts.notifier.note({ kind, path: path === undefined ? UNKNOWN : showName(path), owner: owner?.id ?? NOBODY, by, time });
  }

  #isPlaceOfDirectory({ kind, node, before }: Happening): boolean {
    if (kind !== 'created' && kind !== 'moved' && kind !== 'deleted') return false;
    return (before ?? this.#parts.writer.rows.get(node))?.kind === 'directory';
  }

  /** Where it happened; of a move where to, and where from. Undefined where that is not known any more: then it is nobody's, and recorded. */
  #pathsOf({ node, from, to }: Happening): (ByteName | undefined)[] {
    if (from === undefined && to === undefined) return [this.#parts.paths.of(node)];
    return [to, from].flatMap((place) => (place === undefined ? [] : [this.#pathOf(place)]));
  }

  #pathOf({ parent, name }: Place, through: readonly NodeId[] = []): ByteName | undefined {
    if (parent === NO_DIRECTORY) return name;
    const directory = this.#directoryPath(parent, through);
    return directory === undefined ? undefined : joined(directory, name);
  }

  /** `through`: what has left this directory, or one below it, and is looked for. Two directories that were seen to leave each other have no path. */
  #directoryPath(id: NodeId, through: readonly NodeId[]): ByteName | undefined {
    const known = this.#left.get(id) ?? this.#parts.paths.ofDirectory(id);
    if (known !== undefined) return known;
    if (through.includes(id)) return undefined;
    // It, or one above it, has left its place and is not gone yet.
    const { writer } = this.#parts;
    const place = writer.leftPlace(id) ?? writer.rows.get(id);
    const path = place === undefined || place.parent === LIMBO ? undefined : this.#pathOf(place, [...through, id]);
    if (path !== undefined) this.#left.set(id, path);
    return path;
  }
}
