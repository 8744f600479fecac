import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { nameFromText } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeState } from '../types.ts';
import { Writer } from '../write/writer.ts';
import { ContentRows } from './content-rows.ts';
import { HashQueue } from './hash-queue.ts';

const STATE: NodeState = {
  ...{ kind: 'file', size: 3, disk: 8, mtime: 1n, ctime: 1n, born: 1n, mode: 0o644, uid: 0, gid: 0 },
  ...{ device: 1, inode: 5n, links: 1, digest: undefined },
};

describe('the queue of files to be hashed', () => {
  function prepare(context: Parameters<typeof newCatalogue>[0]) {
    const database = newCatalogue(context);
    const writer = new Writer(database);
    const [first, second] = writer.transact(() => {
      const top = writer.create({ parent: NO_DIRECTORY, name: nameFromText('/top') }, { ...STATE, kind: 'directory' }, undefined);
      return ['a', 'b'].map((name) => writer.create({ parent: top, name: nameFromText(name) }, STATE, undefined));
    }) as [number, number];
    return { database, writer, queue: new HashQueue(database, 100), first, second };
  }

  it('holds a changed file back until it is quiet', (context) => {
    const { queue, first } = prepare(context);
    queue.add(first, 1000);
    queue.add(first, 1080);
    assert.deepEqual(queue.next(1150, false).nodes, []);
    assert.equal(queue.dueIn(1150), 30);
    assert.deepEqual(
      queue.next(1180, false).nodes.map(({ id }) => id),
      [first],
    );
    assert.equal(queue.changed, 0);
  });

  it('gives out after a restart what had changed by its change time alone, until that is read', (context) => {
    const { database, writer, first } = prepare(context);
    const digest = new Uint8Array(34) as Digest;
    const node = () => writer.rows.get(first) as CatalogueNode;
    const cause = { origin: 'live', time: 1n } as const;
    const due = () => {
      const queue = new HashQueue(database, 100);
      queue.startBacklog(0);
      const { nodes, haveChanged } = queue.next(100, false);
      return haveChanged ? nodes.map(({ id }) => id) : [];
    };
    writer.transact(() => writer.setDigest(node(), digest, cause, 'seen'));
    assert.deepEqual(due(), []);
    assert.equal(
      writer.transact(() => writer.change(node(), { ...node(), ctime: 9n }, cause)),
      true,
    );
    assert.deepEqual(due(), [first]);
    const again = new Writer(database);
    again.transact(() => again.setDigest(node(), digest, cause, 'seen'));
    assert.deepEqual(due(), []);
    writer.transact(() => writer.change(node(), { ...node(), ctime: 10n }, cause));
    writer.transact(() => writer.remove(node(), cause));
    assert.equal(database.prepare('SELECT count(*) AS count FROM unread').get()?.count, 0);
  });

  it('gives out one that is never quiet after a minute', (context) => {
    const { queue, first } = prepare(context);
    for (let now = 0; now <= 60_000; now += 50) queue.add(first, now);
    assert.equal(queue.next(60_010, false).nodes.length, 1);
  });

  it('gives out all at once when it is hurried', (context) => {
    const { queue, first, second } = prepare(context);
    queue.add(first, 0);
    queue.add(second, 0);
    assert.equal(queue.next(1, true).nodes.length, 2);
  });

  it('has what waits when it is hurried due at once, and what comes behind that when it is quiet', (context) => {
    const { queue, first, second } = prepare(context);
    queue.add(first, 0);
    queue.hurry();
    assert.equal(queue.dueIn(1), 0);
    queue.add(first, 1);
    queue.add(second, 1);
    assert.deepEqual(
      queue.next(2, false).nodes.map(({ id }) => id),
      [first],
    );
    assert.equal(queue.hasHurried, false);
    queue.add(first, 3);
    assert.deepEqual(queue.next(4, false).nodes, []);
    assert.equal(queue.changed, 2);
  });

  it('leaves out what is gone', (context) => {
    const { queue, writer, first } = prepare(context);
    queue.add(first, 0);
    writer.transact(() => {
      const node = writer.rows.get(first);
      if (node !== undefined) writer.detach(node, { origin: 'live', time: 1n });
      writer.clearLimbo(writer.detached, 1n);
    });
    assert.deepEqual(queue.next(10_000, false).nodes, []);
  });

  it('finds in its backlog, once, every file without a digest or whose content is not kept', (context) => {
    const { queue, database, writer, first, second } = prepare(context);
    const digest = new Uint8Array([0x1e, 1, 7]);
    const backlog = () => {
      queue.startBacklog(0);
      const found = queue.next(0, false).nodes.map(({ id }) => id);
      assert.ok(!queue.hasBacklog);
      assert.deepEqual(queue.next(0, false).nodes, []);
      return found;
    };
    assert.deepEqual(backlog(), [first, second]);
    writer.transact(() => writer.setDigest(writer.rows.get(first) as CatalogueNode, digest, { origin: 'scan', time: 1n }, 'seen'));
    assert.deepEqual(backlog(), [first, second]);
    new ContentRows(database).add({ digest: digest as Digest, size: 3, ref: new Uint8Array(1) }, 1n);
    assert.deepEqual(backlog(), [second]);
  });
});
