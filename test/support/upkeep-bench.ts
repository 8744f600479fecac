import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { type ByteName, nameFromText } from '../../src/base/names.ts';
import { ruleOf } from '../../src/catalogue/owners/rule-table.ts';
import type { OwnerRule } from '../../src/catalogue/owners/types.ts';
import type { PackageDatabase } from '../../src/catalogue/packages/types.ts';
import type { KeepOptions, OwnerOptions } from '../../src/catalogue/service-types.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import type { Store } from '../../src/store/types.ts';
import { Archive } from '../../src/tree/archive.ts';

const CHUNKING = { minBytes: 4 << 10, targetBytes: 16 << 10, maxBytes: 64 << 10 };

/** Options of a service that keeps contents in a store in that folder, which is made. */
export function keepIn(folder: string): KeepOptions {
  const openStore = (): Store => new Datadir(join(folder, 'store'), { create: { hash: blake3, chunking: CHUNKING } });
  return { openStore, hash: blake3, threads: 1 };
}

/** How many contents the collector must leave there. */
export async function contentsProtected(context: TestContext, { openStore }: KeepOptions): Promise<number> {
  const store = openStore?.() as Store;
  context.after(() => store.close());
  const { revisions } = await new Archive(store.archive('versions')).read();
  return revisions.at(-1)?.files ?? 0;
}

/** Owners by the user's rules, given as the files would say them. */
export function ownersBy(rules: Readonly<Record<string, object>>, others: Partial<OwnerOptions> = {}): OwnerOptions {
  return { rules: rulesOf(rules), homes: [], packages: [], channels: [], ...others };
}

export function rulesOf(rules: Readonly<Record<string, object>>): OwnerRule[] {
  return Object.entries(rules).map(([id, table]) => ruleOf(id, { ...table }, 'user'));
}

/** A package manager that has installed one package, with these files. */
export function packageOf(name: string, paths: readonly string[]): PackageDatabase {
  const files = paths.map((path) => ({ path: nameFromText(path) as ByteName, kind: 'file' as const }));
  return {
    manager: 'rpm',
    stamp: () => '1',
    packages: () => [{ key: name, stamp: '1', read: () => ({ name, version: '1', summary: `what ${name} is`, paths: files }) }],
  };
}

export function count(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(`SELECT count(*) FROM ${sql}`).get() as object)[0]);
}
