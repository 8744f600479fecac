/** What a catalogue at work does of itself while nothing happens: the index of names, packages, rotation. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { FormatError } from '../../src/base/errors.ts';
import type { ByteName } from '../../src/base/names.ts';
import { openForWriting } from '../../src/catalogue/database.ts';
import { dpkgDatabase } from '../../src/catalogue/packages/dpkg.ts';
import { PackageIndex } from '../../src/catalogue/packages/package-index.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { liveCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { contentsProtected, count, keepIn, ownersBy, packageOf } from '../support/upkeep-bench.ts';

const LIMIT = { timeout: 60_000 };
const FOR_EVER = { maxAge: undefined, maxEvents: undefined, retention: undefined };

describe('a catalogue with nothing else to do', LIMIT, () => {
  it('indexes names, also those that come later', async (context) => {
    const home = homeOf(context);
    const files = (from: number, to: number) => {
      for (let i = from; i < to; i++) writeFileSync(join(home, 'root', `file ${i}`), '');
    };
    const { reader, service } = await liveCatalogue(context, { home });
    files(0, 200);
    await service.sync();
    await until(() => count(reader, 'name_page') === 1);
    files(200, 300);
    await service.sync();
    await until(() => count(reader, 'name_page') === 2);
  });

  it('knows the packages of this machine', async (context) => {
    if (skipUnless(context, existsSync('/var/lib/dpkg/status'), 'needs a machine with dpkg')) return;
    const { reader } = await liveCatalogue(context, { service: { owners: ownersBy({}, { packages: [dpkgDatabase()] }) } });
    await until(() => new PackageIndex(reader).packageOf('/usr/bin/dpkg' as ByteName)?.id === 'dpkg:dpkg');
  });

  it('tells of a package manager that it cannot read, and works on', async (context) => {
    const problems: string[] = [];
    const source = {
      ...packageOf('game', []),
      packages: () => {
        throw new FormatError('rpmdb.sqlite', 'cannot be read: malformed');
      },
    };
    const home = homeOf(context);
    const keep = keepIn(home);
    const { root, service } = await liveCatalogue(context, {
      home,
      service: { keep, owners: ownersBy({}, { packages: [source] }), onProblem: (problem) => problems.push(problem) },
    });
    writeFileSync(join(root, 'letter'), 'Dear Ann');
    await service.sync();
    await service.finish();
    assert.equal(problems.length, 1);
    assert.match(problems[0] as string, /packages of rpm cannot be read: .*malformed/);
    assert.equal(await contentsProtected(context, keep), 1);
  });

  it('knows the packages before it keeps anything, and does not keep what they have brought', async (context) => {
    const home = homeOf(context);
    writeFileSync(join(home, 'root', 'program'), 'brought');
    writeFileSync(join(home, 'root', 'letter'), 'written');
    const keep = keepIn(home);
    const owners = ownersBy({}, { packages: [packageOf('game', [join(home, 'root', 'program')])] });
    const { reader, service } = await liveCatalogue(context, { home, service: { keep, owners } });
    await service.sync();
    await service.finish();
    assert.equal(count(reader, 'node WHERE digest IS NOT NULL'), 2);
    assert.equal(count(reader, 'content'), 1);
    assert.equal(await contentsProtected(context, keep), 1);
  });

  it('writes sums down at its first start, and a day later', async (context) => {
    const home = homeOf(context);
    const first = await liveCatalogue(context, { home });
    await until(() => count(first.reader, "property WHERE name = 'rotated'") === 1);
    assert.equal(count(first.reader, 'summary'), 1);
    writeFileSync(join(first.root, 'letter'), 'Dear Ann');
    await first.service.sync();
    await first.close();
    const second = await liveCatalogue(context, { home });
    await second.service.sync();
    assert.equal(count(second.reader, 'summary'), 1);
    await second.close();
    aDayPasses(first.database);
    const third = await liveCatalogue(context, { home });
    await until(() => count(third.reader, 'summary') === 2);
  });

  it('lets go the contents that the policy and the owners do not keep, in the store too', async (context) => {
    const home = homeOf(context);
    const keep = keepIn(home);
    const owners = ownersBy({ precious: { folders: [join(home, 'root', 'precious')], retention: 'forever' } });
    const first = await liveCatalogue(context, { home, service: { keep, owners } });
    for (const name of ['letter', 'precious'])
      for (const version of [1, 2, 3]) {
        writeFileSync(join(first.root, name), `${name} ${version}`);
        await first.service.sync();
        await first.service.finish();
      }
    await until(() => count(first.reader, "property WHERE name = 'rotated'") === 1);
    assert.equal(count(first.reader, 'content'), 6);
    await first.close();
    aDayPasses(first.database);
    const history = { ...FOR_EVER, retention: ['2 versions'] };
    const second = await liveCatalogue(context, { home, service: { keep, owners, history } });
    await until(() => count(second.reader, 'content') === 5);
    await until(() => count(second.reader, 'released') === 0);
    await second.close();
    assert.equal(await contentsProtected(context, keep), 5);
  });

  it('counts the versions of a file that is saved by putting another in its place', async (context) => {
    const home = homeOf(context);
    const keep = keepIn(home);
    const first = await liveCatalogue(context, { home, service: { keep } });
    await until(() => count(first.reader, "property WHERE name = 'rotated'") === 1);
    for (const version of [1, 2, 3, 4]) {
      writeFileSync(join(first.root, 'temporary'), `version ${version}`);
      renameSync(join(first.root, 'temporary'), join(first.root, 'letter'));
      await first.service.sync();
      await first.service.finish();
    }
    assert.equal(count(first.reader, 'content'), 4);
    await first.close();
    aDayPasses(first.database);
    const history = { ...FOR_EVER, retention: ['2 versions'] };
    const second = await liveCatalogue(context, { home, service: { keep, history } });
    await until(() => count(second.reader, 'content') === 2);
    const kept = second.reader.prepare('SELECT ref FROM content').all();
    assert.deepEqual(
      kept
        .map(({ ref }) =>
          Buffer.from(ref as Uint8Array)
            .subarray(1)
            .toString(),
        )
        .sort(),
      ['version 3', 'version 4'],
    );
  });

  it('lets no content go while a file of rules has a fault', async (context) => {
    const home = homeOf(context);
    const keep = keepIn(home);
    const history = { ...FOR_EVER, retention: ['1 versions'] };
    const first = await liveCatalogue(context, { home, service: { keep } });
    await until(() => count(first.reader, "property WHERE name = 'rotated'") === 1);
    for (const version of ['old', 'new']) {
      writeFileSync(join(first.root, 'letter'), version);
      await first.service.sync();
      await first.service.finish();
    }
    await first.close();
    aDayPasses(first.database);
    const today = `property WHERE name = 'rotated' AND value > ${Date.now() - 43_200_000}000000`;
    const second = await liveCatalogue(context, { home, service: { keep, history, owners: ownersBy({}, { areRulesKnown: false }) } });
    await until(() => count(second.reader, today) === 1);
    assert.equal(count(second.reader, 'content'), 2);
    await second.close();
    aDayPasses(first.database);
    const third = await liveCatalogue(context, { home, service: { keep, history, owners: ownersBy({}) } });
    await until(() => count(third.reader, 'content') === 1);
  });

  it('lets go in the store what a run that was killed had released', async (context) => {
    const home = homeOf(context);
    const keep = keepIn(home);
    const first = await liveCatalogue(context, { home, service: { keep } });
    for (const name of ['a', 'b']) writeFileSync(join(first.root, name), name);
    await first.service.sync();
    await first.service.finish();
    await first.close();
    rmSync(join(first.root, 'a'));
    const database = openForWriting(first.database);
    database.exec('INSERT INTO released SELECT digest FROM content');
    // The other one was kept again before the archive had heard of it.
    database.prepare('DELETE FROM content WHERE digest = ?').run(blake3.hash(Buffer.from('a')));
    database.close();
    const second = await liveCatalogue(context, { home, service: { keep } });
    await until(() => count(second.reader, 'released') === 0);
    await second.close();
    assert.equal(await contentsProtected(context, keep), 1);
  });
});

function homeOf(context: TestContext): string {
  const home = realpathSync(scratchFolder(context));
  mkdirSync(join(home, 'root'));
  return home;
}

function aDayPasses(path: string): void {
  const database = openForWriting(path);
  database.prepare("UPDATE property SET value = value - ? WHERE name = 'rotated'").run(90_000_000_000_000n);
  database.close();
}
