import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

/** The table `property`: single values. */
export class Properties {
  readonly #get: StatementSync;
  readonly #set: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT CAST(value AS TEXT) AS value FROM property WHERE name = ?');
    this.#set = database.prepare(
      'INSERT INTO property (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    );
  }

  /** A time in ns since 1970. */
  time(name: PropertyName): bigint | undefined {
    const value: SQLOutputValue | undefined = this.#get.get(name)?.value;
    return typeof value === 'string' ? BigInt(value) : undefined;
  }

  set(name: PropertyName, value: bigint): void {
    this.#set.run(name, value);
  }
}

/** `observedUntil`: until when everything is known to have been observed. `rotated`: when the history was rotated last. */
export type PropertyName = 'observedUntil' | 'rotated';
