import type { ByteName } from '../base/names.ts';
import { openForWriting } from '../catalogue/database.ts';
import type { CatalogueService } from '../catalogue/service.ts';
import { NotARootError, unwatch } from '../catalogue/unwatch.ts';
import { wallNs } from '../sys/clock.ts';

/**
 * The catalogue's service, and the next one: roots are taken out of the watch while none is at work, so that no thread, mark or event of theirs is left. Exactly one is open at a time;
 * what is asked in between waits for the next.
 */
export class Services {
  readonly #database: string;
  readonly #open: (roots: readonly ByteName[]) => CatalogueService;
  readonly #lost = Promise.withResolvers<never>();
  #current: Promise<CatalogueService>;
  /** Settles when no root is being taken out. */
  #removing: Promise<unknown> = Promise.resolve();

  /** `roots` are for the first service alone: from then on they are in the catalogue, unless they lie in others. */
  constructor(database: string, open: (roots: readonly ByteName[]) => CatalogueService, roots: readonly ByteName[]) {
    this.#database = database;
    this.#open = open;
    this.#current = Promise.resolve(open(roots));
    this.#lost.promise.catch(() => undefined);
  }

  get current(): Promise<CatalogueService> {
    return this.#current;
  }

  /** Rejects when no other could be opened. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  /** What a service resolves with that was not closed meanwhile. */
  async settled<T>(ask: (service: CatalogueService) => Promise<T>): Promise<T> {
    for (;;) {
      const asked = this.#current;
      try {
        const answer = await ask(await asked);
        if (asked === this.#current) return answer;
      } catch (error) {
        if (asked === this.#current) throw error;
      }
    }
  }

  /** Behind those that were asked for before. Rejects with NotARootError, and changes nothing then. */
  unwatch(paths: readonly ByteName[]): Promise<void> {
    const removed = this.#removing.then(() => this.#remove(paths));
    this.#removing = removed.catch(() => undefined);
    return removed;
  }

  async #remove(paths: readonly ByteName[]): Promise<void> {
    const known = (await this.#current).engine.rootPaths();
    const unknown = paths.find((path) => !known.includes(path));
    if (unknown !== undefined) throw new NotARootError(unknown, known);
    this.#current = this.#next(this.#current, paths);
    this.#current.catch(this.#lost.reject);
    await this.#current;
  }

  async #next(last: Promise<CatalogueService>, paths: readonly ByteName[]): Promise<CatalogueService> {
    const { isPaused } = await last;
    await (await last).close();
    const database = openForWriting(this.#database);
    try {
      unwatch(database, paths, wallNs());
    } finally {
      database.close();
    }
    const next = this.#open([]);
    if (isPaused) next.pause(true);
    return next;
  }
}
