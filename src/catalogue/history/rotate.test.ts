import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { NaiveWriter, placeIn, weightIn } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { randomHistory } from '../../../test/support/catalogue/random-history.ts';
import { campaignRandom } from '../../../test/support/random.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestToText } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { skipTo } from '../numbers.ts';
import { EventReader } from './events.ts';
import { History } from './history.ts';
import { forgottenOf } from './moments.ts';
import { nodeAt } from './paths.ts';
import { type RotationPolicy, type RotationReport, rotate } from './rotate.ts';
import { sizesOf } from './sizes.ts';
import { versionsOf } from './versions.ts';

const SECOND = 1_000_000_000n;
const FILE = nameFromText('/root/file');

describe('rotation', () => {
  it('forgets what is too old, as a whole, and nothing else', (context) => {
    const database = newCatalogue(context);
    const writer = randomHistory(database, campaignRandom(context), 120);
    writer.writeSums();
    const now = writer.time;
    const { droppedEvents } = run(database, { maxAge: 40n * SECOND }, now);
    assert.ok(droppedEvents > 0);
    const history = new History(database);
    assert.throws(() => nodeAt(history, '/root' as ByteName, writer.recorded[0]?.time ?? 0n), { code: 'TOO_EARLY' });
    const known = forgottenOf(database)?.time ?? 0n;
    assert.ok(known < now - 40n * SECOND);
    for (const { time, tree } of writer.recorded.filter((each) => each.time >= known)) {
      for (const [path, { id }] of tree) assert.equal(nodeAt(history, path as ByteName, time)?.id, id);
    }
  });

  it('keeps the contents of every version that it does not forget, and of no other', (context) => {
    const database = newCatalogue(context);
    const writer = randomHistory(database, campaignRandom(context), 120);
    const before = contents(database);
    run(database, { maxAge: 40n * SECOND }, writer.time);
    const needed = new Set<string>();
    for (const { time, tree } of writer.recorded) {
      if (time < writer.time - 41n * SECOND) continue;
      for (const { state } of tree.values()) if (state.digest !== undefined) needed.add(digestToText(state.digest as Digest));
    }
    const kept = contents(database);
    assert.ok([...needed].every((digest) => kept.has(digest)));
    assert.deepEqual(new Set([...kept, ...contents(database, 'released')]), before);
    // What came and went within one moment has no tree that shows it.
    const missed = [...kept].filter((digest) => !needed.has(digest)).length;
    assert.ok(missed <= before.size / 10, `${missed} of ${before.size} are kept for nothing`);
  });

  it('keeps so many versions of each file, unless the owner says otherwise', (context) => {
    const { database, writer } = fileWithVersions(context, 5);
    const ruleOf = (path: ByteName) => (path === FILE ? { versions: 4 } : undefined);
    assert.equal(run(database, { contents: { versions: 2 }, ruleOf }, writer.time).releasedContents, 1);
    assert.deepEqual(kept(database), [true, true, true, true, false]);
    assert.equal(run(database, { contents: { versions: 2 } }, writer.time).releasedContents, 2);
    assert.deepEqual(kept(database), [true, true, false, false, false]);
  });

  it('counts the versions of a place, also where each of them was another file', (context) => {
    const { database, writer, file } = fileWithVersions(context, 2);
    const place = placeIn(writer.root, 'file');
    const replace = (content: string) => {
      let node = 0;
      writer.record(() => {
        node = writer.create(placeIn(writer.root, 'temporary'), 'file', content);
      });
      writer.record(() => writer.move(node, place));
      return node;
    };
    for (let i = 3; i <= 6; i++) replace(`version ${i}`);
    const last = replace('version 6');
    assert.notEqual(last, file);
    run(database, { contents: { versions: 3 } }, writer.time);
    assert.deepEqual(contents(database), digestsOf('version 4', 'version 5', 'version 6'));
    writer.record(() => writer.modify(last, 'version 7'));
    writer.record(() => writer.remove(last));
    run(database, { contents: { versions: 2 } }, writer.time);
    assert.deepEqual(contents(database), digestsOf('version 6', 'version 7'));
  });

  it('keeps so many of the last versions of a file that is gone, until there are newer ones', (context) => {
    const { database, writer, file } = fileWithVersions(context, 3);
    writer.record(() => writer.remove(file));
    run(database, { contents: { versions: 2 } }, writer.time);
    assert.deepEqual(contents(database), digestsOf('version 2', 'version 3'));
    run(database, { contents: { versions: 1 } }, writer.time);
    assert.deepEqual(contents(database), digestsOf('version 3'));
    writer.record(() => {
      writer.create(placeIn(writer.root, 'file'), 'file', 'another');
    });
    run(database, { contents: { versions: 1 } }, writer.time);
    assert.deepEqual(contents(database), digestsOf('another'));
  });

  it('keeps versions for a time from when they ended', (context) => {
    const { database, writer } = fileWithVersions(context, 5);
    run(database, { contents: { age: 2n * SECOND } }, writer.time);
    assert.deepEqual(kept(database), [true, true, true, true, false]);
    run(database, { contents: { age: 0n } }, writer.time + 1n);
    assert.deepEqual(kept(database), [true, false, false, false, false]);
  });

  it('keeps what either bound of a rule keeps, and everything without any', (context) => {
    const { database, writer } = fileWithVersions(context, 5);
    run(database, { contents: {} }, writer.time);
    assert.deepEqual(kept(database), [true, true, true, true, true]);
    run(database, { contents: { age: 2n * SECOND, versions: 1 } }, writer.time);
    assert.deepEqual(kept(database), [true, true, true, true, false]);
    run(database, { contents: { age: 0n, versions: 2 } }, writer.time + 1n);
    assert.deepEqual(kept(database), [true, true, false, false, false]);
  });

  it('keeps no more events than it may', (context) => {
    const { database, writer } = fileWithVersions(context, 5);
    assert.equal(run(database, { maxEvents: 3 }, writer.time).droppedEvents, 2);
    const history = new History(database);
    assert.equal(new EventReader(history, {}).newest(10).length, 3);
    assert.deepEqual(
      versionsOf(history, FILE).map(({ kind }) => kind),
      ['modified', 'modified', 'modified', 'found'],
    );
  });

  it('counts events, also where numbers were left out', (context) => {
    const { database, writer, file } = fileWithVersions(context, 5);
    skipTo(database, { event: 1000, node: 0 });
    writer.record(() => writer.modify(file, 'version 6'));
    writer.record(() => writer.modify(file, 'version 7'));
    skipTo(database, { event: 5000, node: 0 });
    writer.record(() => writer.modify(file, 'version 8'));
    const remaining = (maxEvents: number) => {
      run(database, { maxEvents }, writer.time);
      return new EventReader(new History(database), {}).newest(10).length;
    };
    assert.deepEqual([9, 6, 4, 3, 2, 1].map(remaining), [8, 6, 4, 3, 2, 1]);
  });

  it('leaves sums behind for times whose events are gone', (context) => {
    const { database, writer } = fileWithVersions(context, 3);
    const before = { time: writer.time, tree: new Map(writer.recorded.at(-1)?.tree) };
    writer.writeSums();
    run(database, {}, writer.time);
    writer.record(() => writer.create(placeIn(writer.root, 'other'), 'file', 'x'.repeat(1000)));
    writer.writeSums();
    writer.time += 10n * SECOND;
    run(database, { maxAge: SECOND }, writer.time);
    const history = new History(database);
    const root = nameFromText('/root');
    assert.deepEqual(sizesOf(history, root, [before.time, writer.time]), [
      { time: before.time, ...weightIn(before.tree, '/root'), isSummary: true },
      { time: writer.time, ...weightIn(new Map(writer.recorded.at(-1)?.tree), '/root') },
    ]);
  });

  it('lets nothing go while contents are to be kept, and makes up for it', (context) => {
    const { database, writer } = fileWithVersions(context, 5);
    assert.deepEqual(run(database, { maxEvents: 2, contents: { versions: 2 }, keepsContents: true }, writer.time), {
      droppedEvents: 3,
      releasedContents: 0,
    });
    assert.equal(run(database, { contents: { versions: 2 } }, writer.time).releasedContents, 3);
  });

  it('does not take for old what ended while the clock showed 1970', (context) => {
    const { database, writer, file } = fileWithVersions(context, 2);
    const later = writer.time + 10n * SECOND;
    writer.time = 5n * SECOND;
    writer.record(() => writer.modify(file, 'version 3'));
    writer.time = later;
    writer.record(() => writer.modify(file, 'version 4'));
    const policy = { maxAge: 2n * SECOND, contents: { age: 2n * SECOND } };
    assert.deepEqual(run(database, policy, writer.time), { droppedEvents: 2, releasedContents: 1 });
    assert.deepEqual(kept(database), [true, true, true]);
  });

  it('forgets events of a clock that went ahead with those around them, and their times are not those up to which all is forgotten', (context) => {
    const { database, writer, file } = fileWithVersions(context, 2);
    const before = writer.time;
    writer.time += 1_000_000n * SECOND;
    writer.record(() => writer.modify(file, 'version 3'));
    writer.time = before + 10n * SECOND;
    for (const i of [4, 5, 6]) writer.record(() => writer.modify(file, `version ${i}`));
    assert.equal(run(database, { contents: { age: 3n * SECOND } }, writer.time + SECOND).releasedContents, 1);
    assert.deepEqual(kept(database), [true, true, true, true, true, false]);
    assert.equal(run(database, { maxAge: 2n * SECOND }, writer.time).droppedEvents, 2);
    assert.equal(forgottenOf(database)?.time, before);
    assert.equal(run(database, { maxAge: SECOND }, writer.time).droppedEvents, 2);
    assert.equal(forgottenOf(database)?.time, before + 11n * SECOND);
    assert.equal(nodeAt(new History(database), FILE, writer.time)?.id, file);
  });

  it('drops nothing without a policy', (context) => {
    const { database, writer } = fileWithVersions(context, 3);
    assert.deepEqual(run(database, {}, writer.time), { droppedEvents: 0, releasedContents: 0 });
  });
});

function run(database: DatabaseSync, policy: RotationPolicy, now: bigint): RotationReport {
  const rotation = rotate(database, policy, now);
  for (;;) {
    assert.equal(database.isTransaction, false);
    const { done, value } = rotation.next();
    if (done) return value;
  }
}

function fileWithVersions(context: Parameters<typeof newCatalogue>[0], count: number) {
  const database = newCatalogue(context);
  const writer = new NaiveWriter(database, '/root');
  writer.keepsAll = true;
  writer.isFirstScan = false;
  let file = 0;
  writer.record(() => {
    file = writer.create(placeIn(writer.root, 'file'), 'file', 'version 1');
  });
  for (let i = 2; i <= count; i++) writer.record(() => writer.modify(file, `version ${i}`));
  return { database, writer, file };
}

function kept(database: DatabaseSync): boolean[] {
  return versionsOf(new History(database), FILE).map((version) => version.kept);
}

function digestsOf(...texts: string[]): Set<string> {
  return new Set(texts.map((text) => digestToText(blake3.hash(Buffer.from(text)))));
}

function contents(database: DatabaseSync, table = 'content'): Set<string> {
  return new Set(
    database
      .prepare(`SELECT digest FROM ${table}`)
      .all()
      .map(({ digest }) => digestToText(digest as Digest)),
  );
}
