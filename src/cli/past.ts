import type { DatabaseSync } from 'node:sqlite';
import { catalogueFile } from '../base/config/folders.ts';
import { VarveError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { atOneMoment, openForReading } from '../catalogue/database.ts';
import { NothingThereError } from '../catalogue/history/errors.ts';
import { History } from '../catalogue/history/history.ts';
import { gapAt, observedUntil } from '../catalogue/history/journals.ts';
import { momentOf } from '../catalogue/history/moments.ts';
import { absolutePath, type PastReference } from '../catalogue/history/past-reference.ts';
import { timeOf } from '../catalogue/history/past-tree.ts';
import { holdersOf, nodeAt, resolvePath } from '../catalogue/history/paths.ts';
import type { Gap, Moment, PastNode } from '../catalogue/history/types.ts';
import { NotFoundError } from '../tree/resolve-reference.ts';
import type { Context } from './context.ts';
import { locatePath } from './locate-path.ts';
import { formatTime } from './output/times.ts';
import { whyUnwatched } from './why-unobserved.ts';

/** What a reference to the past names. */
export interface Found {
  readonly node: PastNode;
  /** As the catalogue knows it: links on the way to it followed where they had to be. */
  readonly path: ByteName;
  readonly moment: Moment;
}

/** The catalogue, open for questions about the past, with or without a daemon beside it. */
export class Past implements Disposable {
  readonly database: DatabaseSync;
  readonly history: History;
  readonly #context: Context;

  private constructor(context: Context, database: DatabaseSync) {
    this.#context = context;
    this.database = database;
    this.history = new History(database);
  }

  /** Throws NO_CATALOGUE when nothing was ever watched here. */
  static open(context: Context): Past {
    const path = catalogueFile(context.folders);
    const database = openForReading(path);
    if (database === undefined)
      throw new VarveError('NO_CATALOGUE', `there is no catalogue yet: ${path}`, {
        advice: 'Begin to watch a folder with: varve start DIR',
      });
    return new Past(context, database);
  }

  /** Whether something has or had that path, as far as the catalogue knows. */
  knows(path: ByteName): boolean {
    return atOneMoment(this.database, () => holdersOf(this.history, this.locate(path)).length > 0);
  }

  /** A path given by the user, as the catalogue knows it. Throws NotWatchedError. */
  locate(path: ByteName): ByteName {
    return locatePath(this.history, path);
  }

  /** A path without a time, as an argument says it. */
  path(text: string): ByteName {
    return this.locate(absolutePath(text));
  }

  /** What a reference names. Rejects with NothingThereError, TooEarlyError, NotWatchedError. Says so when it lies in a gap. */
  async find({ path: given, time, when }: PastReference): Promise<Found> {
    const path = this.locate(given);
    const isObserved = time === undefined || time < observedUntil(this.history, path);
    const unobserved = isObserved ? undefined : await whyUnwatched(this.#context);
    return atOneMoment(this.database, () => {
      if (time === undefined) {
        const node = resolvePath(this.history, path);
        if (node === undefined) throw new NothingThereError(path, undefined);
        return { node: { ...node, state: node }, path, moment: this.history.newest() };
      }
      const node = nodeAt(this.history, path, time);
      this.tellGaps(path, [time], unobserved);
      if (node === undefined) throw new NothingThereError(path, when);
      return { node, path, moment: momentOf(this.database, time) };
    });
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  /**
   * Says so when changes of a path may have been missed at one of some times, and returns whether that is so. `unobserved` is why the catalogue may not know yet of everything
   * that has happened, if it may not.
   */
  tellGaps(path: ByteName, times: readonly bigint[], unobserved: string | undefined): boolean {
    const gaps = times.flatMap((time) => gapAt(this.history, path, time, unobserved) ?? []);
    for (const text of new Set(gaps.map((gap) => gapText(gap, path)))) this.#context.output.warning(text);
    return gaps.length > 0;
  }
}

function gapText({ root, reason, opened, closed }: Gap, path: ByteName): string {
  const end = closed === undefined ? 'now' : formatTime(timeOf(closed));
  return `Between ${formatTime(timeOf(opened))} and ${end} changes of ${showName(root ?? path)} may have been missed (${reason}).`;
}

/** A path of which anything is or was known. Throws NotFoundError. */
export function knownPath(past: Past, text: string): ByteName {
  const path = past.path(text);
  const isKnown = atOneMoment(past.database, () => holdersOf(past.history, path).length > 0);
  if (isKnown) return path;
  throw new NotFoundError(`${showName(path)} in the catalogue, and there never was`, [], 'List what there is with: varve ls PATH');
}
