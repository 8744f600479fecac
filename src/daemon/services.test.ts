import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import { checkCatalogue } from '../catalogue/check/check.ts';
import { openForReading } from '../catalogue/database.ts';
import { CatalogueService } from '../catalogue/service.ts';
import { NotARootError } from '../catalogue/unwatch.ts';
import { blake3 } from '../hash/blake3.ts';
import { Services } from './services.ts';

/** Services over a catalogue in `top`, which end with the test. */
function servicesOf(context: TestContext, top: string, roots: readonly ByteName[]): Services {
  const database = join(top, 'catalogue.db');
  const open = (roots: readonly ByteName[]) =>
    new CatalogueService({ database, roots, own: [], scanThreads: 2, watcher: 'none', onFailure: (error) => assert.ifError(error) });
  const services = new Services(database, open, roots);
  context.after(async () => (await services.current).close());
  return services;
}

test('a folder that was named with one around it is no root when that is taken out', async (context) => {
  const top = fs.realpathSync(scratchFolder(context));
  const [outer, inner] = ['outer', 'outer/inner'].map((name) => nameFromText(join(top, name))) as [ByteName, ByteName];
  fs.mkdirSync(inner, { recursive: true });
  const services = servicesOf(context, top, [outer, inner]);
  await services.settled((service) => service.sync());
  await services.unwatch([outer]);
  assert.deepEqual((await services.current).engine.rootPaths(), []);
});

test('of two who want the same root taken out while another is, the second hears that it is none', async (context) => {
  const top = fs.realpathSync(scratchFolder(context));
  const roots = ['stays', 'goes', 'goes too'].map((name) => nameFromText(join(top, name))) as [ByteName, ByteName, ByteName];
  for (const root of roots) fs.mkdirSync(root);
  const [stays, goes, too] = roots;
  const services = servicesOf(context, top, roots);
  const asked = [[goes], [too], [too]].map((paths) => services.unwatch(paths));
  const outcomes = await Promise.allSettled(asked);
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'taken out')),
    ['taken out', 'taken out', 'NOT_A_ROOT'],
  );
  assert.deepEqual((await services.current).engine.rootPaths(), [stays]);
  assert.equal(await Promise.race([services.lost, 'none is lost']), 'none is lost');
});

test('a root is taken out in the middle of its first scan, and who waits for the end waits for that of the others', async (context) => {
  const top = fs.realpathSync(scratchFolder(context));
  const [stays, goes] = ['stays', 'goes'].map((name) => nameFromText(join(top, name))) as [ByteName, ByteName];
  for (const root of [stays, goes])
    for (let folder = 0; folder < 50; folder++) {
      fs.mkdirSync(join(root, String(folder)), { recursive: true });
      for (let file = 0; file < 20; file++) fs.writeFileSync(join(root, String(folder), String(file)), `${root} ${folder} ${file}`);
    }
  const database = join(top, 'catalogue.db');
  const open = (roots: readonly ByteName[]) =>
    new CatalogueService({ database, roots, own: [], scanThreads: 2, keep: { hash: blake3 }, onFailure: (error) => assert.ifError(error) });
  const services = new Services(database, open, [stays, goes]);
  (await services.current).pause(true);
  const finished = services.settled((service) => service.finish());
  const synced = services.settled((service) => service.sync());
  await assert.rejects(services.unwatch([goes, nameFromText(top)]), NotARootError);
  await services.unwatch([goes]);
  const service = await services.current;
  assert.equal(service.isPaused, true);
  service.pause(false);
  await Promise.all([finished, synced]);
  assert.deepEqual(service.engine.rootPaths(), [stays]);
  const reader = openForReading(database);
  assert.ok(reader);
  checkCatalogue(reader, ({ problem }) => assert.fail(problem));
  assert.equal(reader.prepare('SELECT count(*) AS count FROM node WHERE digest IS NOT NULL').get()?.count, 1000);
  reader.close();
  await service.close();
});
