import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { FormatError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { OwnerMatcher } from '../owners/matcher.ts';
import { ruleOf } from '../owners/rule-table.ts';
import { ownerOfPath, PackageIndex } from './package-index.ts';
import { refreshPackages } from './refresh.ts';
import { refresh } from './test-refresh.ts';
import type { PackageDatabase } from './types.ts';

type Contents = Readonly<Record<string, readonly string[]>>;

/** A database whose packages are what `contents` says at the time. */
function databaseOf(contents: () => Contents, failAt?: string): PackageDatabase {
  return {
    manager: 'dpkg',
    stamp: () => JSON.stringify(contents()),
    *packages() {
      for (const [key, paths] of Object.entries(contents()))
        yield {
          key,
          stamp: paths.join(),
          read() {
            if (key === failAt) throw new FormatError('package', 'damaged');
            return {
              name: key,
              version: '1',
              summary: '',
              paths: paths.map((path) => ({ path: path as ByteName, kind: 'file' as const })),
            };
          },
        };
    },
  };
}

describe('refreshing packages', () => {
  it('leads to the same from wherever it begins', (context) => {
    const contents = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.uniqueArray(fc.constantFrom('/x', '/x/1', '/x/2', '/y/1', '/y/z/1'), { maxLength: 4 }),
    );
    const database = newCatalogue(context);
    fc.assert(
      fc.property(contents, (now) => {
        refresh(
          database,
          databaseOf(() => now),
        );
        const rows = database.prepare(
          "SELECT package.key AS key, CAST(packageFolder.path || '/' || packageFile.name AS TEXT) AS path FROM packageFile JOIN package ON package.id = package JOIN packageFolder ON packageFolder.id = folder",
        );
        const found = rows.all().map(({ key, path }) => `${key} ${path}`);
        assert.deepEqual(
          found.sort(),
          Object.entries(now)
            .flatMap(([key, paths]) => paths.map((path) => `${key} ${path}`))
            .sort(),
        );
        const index = new PackageIndex(database);
        for (const path of ['/x', '/x/1', '/y/z/1']) {
          const owners = Object.keys(now).filter((key) => (now[key] as string[] | undefined)?.includes(path));
          assert.equal(index.packageOf(path as ByteName) !== undefined, owners.length > 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('goes on where it was interrupted', (context) => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, Array.from({ length: 1000 }, (_, n) => `/${i}/${n}`)]));
    const database = newCatalogue(context);
    const interrupted = refreshPackages(
      database,
      databaseOf(() => many),
    );
    for (let step = 0; step < 20; step++) interrupted.next();
    assert.equal(database.isTransaction, false);
    const { read, unchanged } = refresh(
      database,
      databaseOf(() => many),
    );
    assert.ok(read > 0 && unchanged > 0 && read + unchanged === 9, `${read} + ${unchanged}`);
    assert.equal(database.prepare('SELECT count(*) AS count FROM packageFile').get()?.count, 9000);
  });

  it('keeps what it has read when a package cannot be read, and tries that again', (context) => {
    const database = newCatalogue(context);
    const contents = { good: ['/a'], bad: ['/b'] };
    assert.throws(
      () =>
        refresh(
          database,
          databaseOf(() => contents, 'bad'),
        ),
      FormatError,
    );
    assert.equal(database.isTransaction, false);
    refresh(
      database,
      databaseOf(() => contents),
    );
    assert.equal(new PackageIndex(database).packageOf('/b' as ByteName)?.id, 'dpkg:bad');
  });
});

describe('the owner of a path that a package lists', () => {
  it('is the package, unless the user claims this very path', (context) => {
    const database = newCatalogue(context);
    refresh(
      database,
      databaseOf(() => ({ pack: ['/usr/a', '/usr/b'] })),
    );
    const index = new PackageIndex(database);
    const rules = [ruleOf('mine', { folders: ['/usr/b'] }, 'user'), ruleOf('wide', { folders: ['/usr'] }, 'user')];
    const matcher = new OwnerMatcher(rules, []);
    const owner = (path: string) => ownerOfPath(matcher.stateOf(path as ByteName), index.packageOf(path as ByteName))?.id;
    assert.deepEqual([owner('/usr/a'), owner('/usr/b'), owner('/usr/c')], ['dpkg:pack', 'mine', 'wide']);
  });
});
