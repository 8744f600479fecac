import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines that come, for whoever waits for one of them. */
export class Lines {
  readonly #waiting = new Set<{ readonly matches: (line: string) => boolean; readonly resolve: (line: string) => void }>();
  readonly #ended = Promise.withResolvers<never>();

  constructor(input: Readable) {
    this.#ended.promise.catch(() => undefined);
    const reader = createInterface({ input });
    reader.on('line', (line) => {
      for (const { matches, resolve } of this.#waiting) if (matches(line)) resolve(line);
    });
    reader.on('close', () => this.#ended.reject(new Error('there are no more lines')));
  }

  /** The next line that matches. Rejects when there are no more. */
  async next(matches: (line: string) => boolean = () => true): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = { matches, resolve };
    this.#waiting.add(waiting);
    try {
      return await Promise.race([promise, this.#ended.promise]);
    } finally {
      this.#waiting.delete(waiting);
    }
  }
}
