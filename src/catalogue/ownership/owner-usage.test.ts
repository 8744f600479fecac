import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { randomHistory } from '../../../test/support/catalogue/random-history.ts';
import { campaignRandom } from '../../../test/support/random.ts';
import { count, packageOf, rulesOf } from '../../../test/support/upkeep-bench.ts';
import type { ByteName } from '../../base/names.ts';
import { refresh } from '../packages/test-refresh.ts';
import { nodeAt, Places } from '../questions/places.ts';
import type { NodeId } from '../types.ts';
import { ownerUsage } from './owner-usage.ts';
import { Ownership } from './ownership.ts';

describe('usage by owner', () => {
  it('attributes every file, byte and event, as asking for each path does', (context) => {
    const database = newCatalogue(context);
    const writer = randomHistory(database, campaignRandom(context), 150);
    writer.writeSums();
    const places = new Places(database);
    const nodes = database.prepare('SELECT id, kind, size, disk FROM node').all() as {
      id: number;
      kind: number;
      size: number;
      disk: number;
    }[];
    const paths = nodes.map(({ id }) => places.pathOf(id) as ByteName);
    const [first = '/root/x' as ByteName, second = first] = paths.filter((path) => path !== '/root').sort();
    refresh(database, packageOf('pack', [paths.at(-1) ?? '/root/y']));
    const rules = rulesOf({ one: { folders: [first] }, two: { folders: ['/**/[ace]'] }, three: { folders: [second], record: [] } });
    const ownership = new Ownership(database, { rules, homes: [], roots: ['/root' as ByteName] });
    const usages = ownerUsage(database, ownership, [{ node: nodeAt(database, '/root' as ByteName) as NodeId, path: '/root' as ByteName }]);

    const expected = new Map<string, { files: number; size: number; disk: number }>();
    for (const [i, { kind, size, disk }] of nodes.entries()) {
      const owner = ownership.ownerOf(paths[i] as ByteName)?.id ?? '';
      const sums = expected.get(owner) ?? { files: 0, size: 0, disk: 0 };
      expected.set(owner, sums);
      sums.disk += disk;
      if (kind !== 4) sums.files++;
      if (kind === 8) sums.size += size;
    }
    const found = new Map(usages.map(({ owner, files, size, disk }) => [owner?.id ?? '', { files, size, disk }]));
    for (const [owner, sums] of expected) assert.deepEqual(found.get(owner), sums, owner);
    const total = database.prepare('SELECT size, files, disk FROM directory JOIN root USING (node)').get();
    const sum = (key: 'size' | 'files' | 'disk') => usages.reduce((all, usage) => all + usage[key], 0);
    assert.deepEqual({ size: sum('size'), files: sum('files'), disk: sum('disk') }, { ...total });
    assert.equal(
      usages.reduce((all, { events }) => all + events, 0),
      count(database, 'event'),
    );
  });

  it('counts what went from a folder to the owner that it had there, and nothing from elsewhere', (context) => {
    const database = newCatalogue(context);
    const writer = randomHistory(database, campaignRandom(context), 150);
    writer.writeSums();
    const folder = database.prepare('SELECT id FROM node WHERE kind = 4 AND parent > 0 ORDER BY id LIMIT 1').get()?.id as
      | NodeId
      | undefined;
    if (folder === undefined) return;
    const path = new Places(database).pathOf(folder) as ByteName;
    const ownership = new Ownership(database, { rules: rulesOf({ mine: { folders: [path] } }), homes: [], roots: [] });
    const usages = ownerUsage(database, ownership, [{ node: folder, path }]);
    assert.deepEqual(
      usages.map(({ owner }) => owner?.id),
      ['mine'],
    );
    const left = count(database, `event WHERE fromParent = ${folder} AND kind = 4 AND node NOT IN (SELECT id FROM node)`);
    assert.ok((usages[0]?.events ?? 0) >= left);
    assert.ok((usages[0]?.events ?? 0) <= count(database, 'event'));
  });
});
