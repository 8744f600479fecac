import { wallNs } from '../../sys/clock.ts';
import type { Writer } from '../write/writer.ts';
import type { Looker } from './looker.ts';
import type { MissingDirectories } from './missing-directories.ts';

/** So often it is waited for what may have gone on, while files come and go all the time: each time less likely, that is a file that has moved so often within some milliseconds each. */
const MOST_ROUNDS = 4;
/** So often, in all, while directories have left in which it may be. While files come and go all the time each time may take long, since nothing may be being scanned then. */
const MOST_ROUNDS_MISSING = 8;

export interface DeparturesParts {
  readonly writer: Writer;
  readonly looker: Pick<Looker, 'found' | 'settleLinks'>;
  readonly missing: Pick<MissingDirectories, 'areBelow'>;
  /** Asks for everything that the kernel has queued by now; returns the number of that. Undefined where nobody watches, and nothing is queued. */
  readonly askForSync: (() => number) | undefined;
}

/** What is waited for before the first `detached` nodes that ever came into limbo are gone. */
interface Awaited {
  readonly detached: number;
  readonly sync: number | undefined;
  /** `Looker.found` when that was asked for. */
  readonly found: number;
  readonly rounds: number;
}

/**
 * Decides when what has left its place and was met nowhere is gone. A look sees the present, while the kernel's queue still tells of the past: where the file went may stand in it. So everything that was queued by then is waited for.
 *
 * - What was looked at meanwhile may have gone on before that, of which the queue tells later: as long as such looks find something new, it is waited for once more, a few times.
 * - Where the file went may be in a directory that could not be looked into, since it, or one above, has left its place meanwhile: then it is decided of both together.
 */
export class Departures {
  readonly #parts: DeparturesParts;
  #awaited: Awaited | undefined;

  constructor(parts: DeparturesParts) {
    this.#parts = parts;
  }

  /** To be called when nothing is being scanned, and everything is looked at that was queued up to the sync of that number. */
  settle(synced: number): void {
    const { writer, looker, askForSync } = this.#parts;
    const awaited = this.#awaited;
    if (awaited !== undefined && synced >= (awaited.sync ?? synced)) {
      this.#awaited = this.#goOn(awaited);
      if (this.#awaited !== undefined) return;
      const now = wallNs();
      writer.transact(() => {
        writer.clearLimbo(awaited.detached, now);
        looker.settleLinks({ origin: 'scan', time: now });
      });
    }
    if (this.#awaited !== undefined || !writer.hasLimbo) return;
    this.#awaited = this.#await(writer.detached, 1);
    if (askForSync === undefined) this.settle(synced);
  }

  /** What else has to be waited for; undefined when nothing has. */
  #goOn({ detached, found, rounds }: Awaited): Awaited | undefined {
    const { writer, looker, missing } = this.#parts;
    if (rounds < MOST_ROUNDS_MISSING && missing.areBelow((top) => writer.hasLeftAfter(top, detached)))
      return this.#await(writer.detached, rounds + 1);
    return rounds < MOST_ROUNDS && looker.found !== found ? this.#await(detached, rounds + 1) : undefined;
  }

  #await(detached: number, rounds: number): Awaited {
    return { detached, rounds, sync: this.#parts.askForSync?.(), found: this.#parts.looker.found };
  }
}
