/** What owners say, at a catalogue that works: what is kept, recorded, and told of. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ByteName } from '../../src/base/names.ts';
import { History } from '../../src/catalogue/history/history.ts';
import { command } from '../../src/catalogue/notify/command.ts';
import { RuleFiles } from '../../src/catalogue/ownership/rule-files.ts';
import type { CatalogueNode } from '../../src/catalogue/types.ts';
import { eventsAfter } from '../support/catalogue-rows.ts';
import { assertEqualsDisk, type LiveCatalogue, liveCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { contentsProtected, count, keepIn, ownersBy, rulesOf } from '../support/upkeep-bench.ts';

const LIMIT = { timeout: 60_000 };

describe('what owners record', LIMIT, () => {
  it('becomes an event, and nothing else does; what is there is known all the same', async (context) => {
    const home = homeOf(context);
    const rules = { cache: { folders: [join(home, 'root/cache')], record: ['delete'] } };
    const live = await liveCatalogue(context, { home, service: { owners: ownersBy(rules) } });
    const { root, service } = live;
    await service.sync();
    for (const folder of ['cache', 'docs']) {
      writeFileSync(join(root, folder, 'file'), 'one');
      await service.sync();
      writeFileSync(join(root, folder, 'file'), 'other');
      await service.sync();
      chmodSync(join(root, folder, 'file'), 0o600);
      await service.sync();
      renameSync(join(root, folder, 'file'), join(root, folder, 'moved'));
      await service.sync();
      assertEqualsDisk(live);
      rmSync(join(root, folder, 'moved'));
      await service.sync();
    }
    assertEqualsDisk(live);
    assert.deepEqual(kindsIn(live, 'cache'), ['deleted']);
    assert.deepEqual(new Set(kindsIn(live, 'docs')), new Set(['created', 'modified', 'attributes', 'moved', 'deleted']));
  });

  it('is what becomes of directories that were seen to leave each other, which have no path', async (context) => {
    const live = await liveCatalogue(context, { home: homeOf(context) });
    await live.service.sync();
    mkdirSync(join(live.root, 'a/b'), { recursive: true });
    await live.service.sync();
    const { writer } = live.service.engine;
    const cause = { origin: 'live', time: 1n } as const;
    const node = (name: string) => {
      const { id } = live.reader.prepare('SELECT id FROM node WHERE name = ?').get(Buffer.from(name)) as { id: number };
      return writer.rows.get(id) as CatalogueNode;
    };
    const [a, b] = [node('a'), node('b')];
    const place = { parent: a.parent, name: b.name };
    writer.transact(() => {
      writer.move(b, place, b, cause);
      writer.move(a, { parent: b.id, name: a.name }, a, cause);
      writer.detach(writer.rows.get(a.id) as CatalogueNode, cause);
      writer.move(writer.rows.get(b.id) as CatalogueNode, { parent: a.id, name: b.name }, b, cause);
      writer.detach(writer.rows.get(b.id) as CatalogueNode, cause);
      writer.clearLimbo(writer.detached, cause.time);
    });
    assert.deepEqual(
      eventsAfter(live.reader, 0)
        .slice(-2)
        .map(({ kind }) => kind),
      ['deleted', 'deleted'],
    );
  });

  it('is everything where it moves to or from an owner that wants it', async (context) => {
    const home = homeOf(context);
    const rules = { cache: { folders: [join(home, 'root/cache')], record: [] } };
    const live = await liveCatalogue(context, { home, service: { owners: ownersBy(rules) } });
    await live.service.sync();
    writeFileSync(join(live.root, 'cache/part'), 'downloading');
    await live.service.sync();
    renameSync(join(live.root, 'cache/part'), join(live.root, 'docs/film'));
    await live.service.sync();
    renameSync(join(live.root, 'docs/film'), join(live.root, 'cache/film'));
    await live.service.sync();
    assert.deepEqual(
      eventsAfter(live.reader, 0).map(({ kind }) => kind),
      ['moved', 'moved'],
    );
  });

  it('has its path, also in folders of an owner that records nothing', async (context) => {
    const home = homeOf(context);
    const rules = {
      cache: { folders: [join(home, 'root/cache')], record: [] },
      game: { folders: [join(home, 'root/cache/a/game')] },
    };
    const live = await liveCatalogue(context, { home, service: { owners: ownersBy(rules) } });
    await live.service.sync();
    mkdirSync(join(live.root, 'cache/a/game/b'), { recursive: true });
    writeFileSync(join(live.root, 'cache/a/game/b/saved'), 'level 1');
    writeFileSync(join(live.root, 'cache/a/other'), 'nothing');
    await live.service.sync();
    rmSync(join(live.root, 'cache/a'), { recursive: true });
    await live.service.sync();
    assertEqualsDisk(live);
    const history = new History(live.reader);
    const files = eventsAfter(live.reader, 0).filter(({ from, to }) => /^(saved|other)$/.test((from ?? to) as string));
    assert.deepEqual(
      files.map(({ kind, node, id, within }) => [kind, history.pathAt(node, kind === 'deleted' ? (within ?? id) - 1 : id)]),
      [
        ['created', join(live.root, 'cache/a/game/b/saved')],
        ['deleted', join(live.root, 'cache/a/game/b/saved')],
      ],
    );
  });

  it('has its path when its end was not recorded', async (context) => {
    const home = homeOf(context);
    const rules = { cache: { folders: [join(home, 'root/cache')], record: ['create'] } };
    const { root, reader, service } = await liveCatalogue(context, { home, service: { owners: ownersBy(rules) } });
    await service.sync();
    writeFileSync(join(root, 'cache/file'), 'one');
    await service.sync();
    rmSync(join(root, 'cache/file'));
    await service.sync();
    const [event, ...others] = eventsAfter(reader, 0);
    assert.deepEqual([event?.kind, others.length], ['created', 0]);
    const history = new History(reader);
    assert.equal(history.pathAt(event?.node as number, event?.id as number), join(root, 'cache/file'));
    assert.equal(history.stateAt(event?.node as number, event?.id as number), undefined);
  });

  it('is given no number that a node had, although no event tells of it', async (context) => {
    const home = homeOf(context);
    const rules = { cache: { folders: [join(home, 'root/cache')], record: [] } };
    const service = { owners: ownersBy(rules) };
    const first = await liveCatalogue(context, { home, service });
    for (let i = 0; i < 300; i++) writeFileSync(join(first.root, 'cache', `file ${i}`), '');
    await first.service.sync();
    await until(() => count(first.reader, 'name_page') > 0);
    for (let i = 0; i < 300; i++) rmSync(join(first.root, 'cache', `file ${i}`));
    await first.service.sync();
    await first.close();
    writeFileSync(join(first.root, 'docs/new'), '');
    const second = await liveCatalogue(context, { home, service });
    await second.service.sync();
    const indexed = second.reader.prepare("SELECT value FROM property WHERE name = 'names.indexed'").get()?.value as number;
    const newest = second.reader.prepare('SELECT max(id) AS id FROM node').get()?.id as number;
    assert.ok(newest > indexed);
  });
});

describe('whom owners tell', LIMIT, () => {
  it('hears of what they flag, whether it is recorded or not', async (context) => {
    const home = homeOf(context);
    const told = join(home, 'told');
    const rules = { docs: { folders: [join(home, 'root/docs')], record: [], notify: ['create'] } };
    const channels = [command(['sh', '-c', `cat > ${told}`])];
    const live = await liveCatalogue(context, { home, service: { owners: ownersBy(rules, { channels }) } });
    await live.service.sync();
    // Who it was can be found out while it runs.
    const writer = spawn('sh', ['-c', 'for folder in docs cache; do : > $folder/letter; done; read line'], {
      cwd: live.root,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    context.after(() => writer.kill());
    await until(() => count(live.reader, "node WHERE name = x'6c6574746572'") === 2);
    await live.close();
    const { changes, kinds, owners, examples } = JSON.parse(readFileSync(told, 'utf8'));
    assert.deepEqual({ changes, kinds, owners }, { changes: 1, kinds: { created: 1 }, owners: { docs: 1 } });
    const [{ by, ...example }] = examples;
    assert.deepEqual(example, { kind: 'created', path: join(live.root, 'docs/letter'), owner: 'docs' });
    if (live.service.watcherKind === 'fanotify') assert.match(by, /^\/.*sh$/);
  });
});

describe('rules that change', LIMIT, () => {
  it('hold when their files have changed', async (context) => {
    const folder = join(scratchFolder(context), 'owners');
    const files = await RuleFiles.read(folder);
    const loaded: string[][] = [];
    const look = () => files.look(({ rules }) => loaded.push(rules.filter(({ source }) => source === 'user').map(({ id }) => id)));
    await look();
    assert.deepEqual(loaded, []);
    mkdirSync(folder);
    writeFileSync(join(folder, 'game.toml'), 'folders = ["/srv/game"]\n');
    await look();
    await look();
    assert.deepEqual(loaded, [['game']]);
    writeFileSync(join(folder, 'game.toml'), 'folders = 7\n');
    await look();
    assert.deepEqual([loaded.at(-1), files.loaded.faults.length], [['game'], 1]);
    rmSync(folder, { recursive: true });
    await look();
    assert.deepEqual([loaded.length, loaded.at(-1), files.loaded.faults.length], [3, [], 0]);
  });

  it('have what they want hashed and kept', async (context) => {
    const home = homeOf(context);
    const keep = keepIn(home);
    const folders = [join(home, 'root/cache')];
    const owners = ownersBy({ cache: { folders, keep: false }, docs: { folders: [join(home, 'root/docs')], hash: false } });
    for (const name of ['cache', 'docs']) writeFileSync(join(home, 'root', name, 'file'), name);
    const { service, reader, close } = await liveCatalogue(context, { home, service: { keep, owners } });
    await service.sync();
    await service.finish();
    assert.deepEqual([count(reader, 'node WHERE kind = 8 AND digest IS NOT NULL'), count(reader, 'content')], [1, 0]);
    service.setRules(rulesOf({ cache: { folders } }));
    await service.finish();
    assert.deepEqual([count(reader, 'node WHERE kind = 8 AND digest IS NOT NULL'), count(reader, 'content')], [2, 2]);
    await close();
    assert.equal(await contentsProtected(context, keep), 2);
  });
});

function homeOf(context: TestContext): string {
  const home = realpathSync(scratchFolder(context));
  for (const folder of ['cache', 'docs']) mkdirSync(join(home, 'root', folder), { recursive: true });
  return home;
}

/** The kinds of the events in a folder of the root. */
function kindsIn({ reader, root }: LiveCatalogue, folder: string): string[] {
  const history = new History(reader);
  const below = `${join(root, folder)}/`;
  return eventsAfter(reader, 0)
    .filter(({ node, id, kind }) => history.pathAt(node, kind === 'deleted' ? id - 1 : id)?.startsWith(below as ByteName))
    .map(({ kind }) => kind);
}
