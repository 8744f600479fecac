import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { NaiveWriter, placeIn, type Recorded } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { randomHistory } from '../../../test/support/catalogue/random-history.ts';
import { campaignRandom, type Random, sizeFromEnv } from '../../../test/support/random.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { NO_DIRECTORY } from '../types.ts';
import { History } from './history.ts';
import { momentOf } from './moments.ts';
import { holdersOf, locate, nodeAt, nodeAtMoment, resolvePath } from './paths.ts';

const CHANGES = sizeFromEnv('VARVE_HISTORY_CHANGES', 150);

describe('the history', () => {
  it('knows what stood at every path at every moment, through moves, deletions and new creations', (context) => {
    for (const { history, recorded, paths } of histories(context)) {
      for (const { event, tree } of recorded) {
        for (const path of paths) {
          const found = nodeAtMoment(history, locate(history, path as ByteName)[0], event);
          const expected = tree.get(path);
          assert.deepEqual(
            found && { id: found.id, state: plain(found.state) },
            expected && { id: expected.id, state: plain(expected.state) },
            `${path} at ${event}`,
          );
        }
      }
    }
  });

  it('lists every directory as it was at every moment', (context) => {
    for (const { history, recorded } of histories(context)) {
      for (const { event, tree } of recorded) {
        for (const directory of [...tree.values()].filter(({ state }) => state.kind === 'directory')) {
          const expected = [...tree.values()]
            .filter(({ parent }) => parent === directory.id)
            .map(({ id, name, state }) => [name, id, plain(state)]);
          const found = history.childrenAt(directory.id, event).map(({ id, name, state }) => [name, id, plain(state)]);
          assert.deepEqual(
            found,
            expected.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
          );
        }
      }
    }
  });

  it('tells the path of every node at every moment', (context) => {
    for (const { history, recorded, random } of histories(context)) {
      const everybody = new Set(recorded.flatMap(({ tree }) => [...tree.values()].map(({ id }) => id)));
      // In any order, since places are remembered.
      for (let i = 0; i < 2000; i++) {
        const { event, tree, leaving } = random.pick(recorded);
        const id = random.pick([...everybody]);
        // Of what has left its place it is not told yet where it went.
        if (leaving.has(id)) continue;
        const expected = [...tree].find(([, node]) => node.id === id)?.[0];
        assert.equal(history.pathAt(id, event), expected, `node ${id} at ${event}`);
      }
    }
  });

  it('names everybody who ever held a path, and when', (context) => {
    for (const { history, recorded, paths } of histories(context)) {
      for (const path of paths) {
        const holders = holdersOf(history, path as ByteName);
        for (const { event, tree, leaving } of recorded) {
          // Of what was deleted with its directory, the end may lie within the transaction.
          const holding = holders
            .filter(({ node, since, until }) => since <= event && event < until && !leaving.has(node))
            .map(({ node }) => node);
          assert.deepEqual(holding, tree.has(path) ? [tree.get(path)?.id] : [], `${path} at ${event}`);
        }
      }
    }
  });

  it('names as holder also what was replaced, before its end is told', (context) => {
    const database = newCatalogue(context);
    const writer = new NaiveWriter(database, '/root');
    writer.tellsEndsLate = true;
    writer.isFirstScan = false;
    let old = 0;
    let successor = 0;
    writer.record(() => {
      old = writer.create(placeIn(writer.root, 'a'), 'file', 'old');
      successor = writer.create(placeIn(writer.root, 'b'), 'file', 'new');
    });
    writer.record(() => writer.move(successor, placeIn(writer.root, 'a')));
    const holders = holdersOf(new History(database), nameFromText('/root/a'));
    assert.deepEqual(
      holders.map(({ node }) => node),
      [successor, old],
    );
  });

  it('takes a time for the moment behind the last event up to it', (context) => {
    for (const { history, recorded } of histories(context)) {
      for (const [i, { event, time }] of recorded.entries()) {
        assert.equal(momentOf(history.database, time), event);
        assert.equal(momentOf(history.database, time - 1n), recorded[i - 1]?.event ?? 0);
      }
    }
  });

  it('finds what a path holds now', (context) => {
    for (const { history, recorded, paths } of histories(context)) {
      const { tree } = recorded.at(-1) as Recorded;
      for (const path of paths) assert.equal(resolvePath(history, path as ByteName)?.id, tree.get(path)?.id);
    }
  });

  it('does not answer for a time before the root was watched', (context) => {
    const database = newCatalogue(context);
    const { time } = new NaiveWriter(database, '/root');
    const history = new History(database);
    assert.throws(() => nodeAt(history, nameFromText('/root'), time - 1n), { code: 'TOO_EARLY' });
    assert.equal(nodeAt(history, nameFromText('/root'), time)?.parent, NO_DIRECTORY);
  });

  it('refuses a path that nobody watches, and says what is watched', (context) => {
    const database = newCatalogue(context);
    new NaiveWriter(database, '/root');
    assert.throws(() => nodeAt(new History(database), nameFromText('/rooted'), 0n), { code: 'NOT_WATCHED', advice: 'Watched are: /root' });
  });

  it('looks only into indexes, however many events there are', (context) => {
    const database = newCatalogue(context);
    const writer = new NaiveWriter(database, '/root');
    writer.isFirstScan = false;
    let file = 0;
    writer.record(() => {
      file = writer.create(placeIn(writer.root, 'log'), 'file', '');
    });
    writer.record(() => {
      for (let i = 0; i < 20_000; i++) writer.modify(file, `line ${i}`);
    });
    const history = new History(database);
    const [path] = locate(history, nameFromText('/root/log'));
    const before = process.threadCpuUsage();
    for (let i = 0; i < 1000; i++) nodeAtMoment(history, path, 10 * i + 1);
    const { user, system } = process.threadCpuUsage(before);
    // Reading all events each time takes some ten seconds of processor time, looking into indexes some ten milliseconds.
    const ms = (user + system) / 1000;
    assert.ok(ms < 3000, `1000 looks took ${ms} ms of processor time`);
  });
});

function* histories(context: TestContext): Generator<{ history: History; recorded: Recorded[]; paths: string[]; random: Random }> {
  const random = campaignRandom(context);
  const database = newCatalogue(context);
  const { recorded } = randomHistory(database, random, CHANGES, { tellsEndsLate: true });
  const paths = [...new Set(recorded.flatMap(({ tree }) => [...tree.keys()]))];
  yield { history: new History(database), recorded, paths, random };
}

/** Digests come as different kinds of byte arrays. */
function plain(state: object | undefined): object | undefined {
  return (
    state && { ...state, digest: 'digest' in state && state.digest ? Buffer.from(state.digest as Uint8Array).toString('hex') : undefined }
  );
}
