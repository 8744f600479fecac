import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { campaignRandom, type Random } from '../../../test/support/random.ts';
import { nameFromText } from '../../base/names.ts';
import { checkCatalogue } from '../check/check.ts';
import { type CatalogueNode, LIMBO, NO_DIRECTORY, type NodeId, type NodeState } from '../types.ts';
import { Writer } from './writer.ts';

const CLEARED = 2_000_000n;
const TOP = { parent: NO_DIRECTORY, name: nameFromText('/top') };
let inodes = 1n;

function stateOf(random: Random, kind: NodeState['kind']): NodeState {
  const size = random.below(10_000);
  const time = BigInt(random.below(1_000_000));
  return {
    ...{ kind, size, disk: Math.ceil(size / 512), mtime: time, ctime: time, born: 1n, mode: 0o644, uid: 0, gid: 0 },
    ...{ device: 1, inode: inodes++, links: 1, digest: undefined },
  };
}

/** Does one random thing that the writer can do to some node. */
function act(writer: Writer, random: Random, time: bigint): void {
  const nodes = allNodes(writer, 1);
  const directories = nodes.filter(({ kind }) => kind === 'directory');
  const node = random.pick(nodes);
  const cause = { origin: 'live', time } as const;
  const place = { parent: random.pick(directories).id, name: nameFromText(`name ${random.below(1000)}`) };
  const isFree = writer.rows.at(place) === undefined && !isWithin(writer, place.parent, node.id);
  const changed = () => ({ ...node, ...stateOf(random, node.kind), inode: node.inode });
  const what = random.pick(['create', 'create', 'create', 'change', 'digest', 'move', 'move', 'detach', 'remove'] as const);
  if (what === 'create') {
    if (isFree)
      writer.create(place, stateOf(random, random.pick(['file', 'file', 'directory', 'symlink'])), random.chance(0.5) ? cause : undefined);
  } else if (what === 'change') writer.change(node, changed(), cause);
  else if (what === 'digest') {
    if (node.kind === 'file') writer.setDigest(node, new Uint8Array([0x1e, 1, random.below(3)]), cause, 'seen');
  } else if (node.parent === NO_DIRECTORY) return;
  else if (what === 'move') {
    if (isFree) writer.move(node, place, random.chance(0.5) ? node : changed(), cause);
  } else if (what === 'detach') writer.detach(node, cause);
  else {
    writer.detach(node, cause);
    writer.clearLimbo(writer.detached, CLEARED);
  }
}

function allNodes(writer: Writer, top: NodeId): CatalogueNode[] {
  const found: CatalogueNode[] = [];
  const visit = (id: NodeId) => {
    const node = writer.rows.get(id) as CatalogueNode;
    found.push(node);
    for (const child of writer.rows.children(id)) visit(child.id);
  };
  visit(top);
  return found;
}

function isWithin(writer: Writer, id: NodeId, directory: NodeId): boolean {
  for (let node = writer.rows.get(id); node !== undefined; node = writer.rows.get(node.parent)) if (node.id === directory) return true;
  return false;
}

function violations(database: DatabaseSync): string[] {
  const found: string[] = [];
  checkCatalogue(database, ({ node, problem }) => found.push(`${node}: ${problem}`));
  return found;
}

function prepare(context: Parameters<typeof newCatalogue>[0], random: Random): { database: DatabaseSync; writer: Writer } {
  const database = newCatalogue(context);
  const writer = new Writer(database);
  writer.transact(() => writer.create(TOP, stateOf(random, 'directory'), undefined));
  return { database, writer };
}

describe('the writer of the catalogue', () => {
  it('keeps every sum and digest right, whatever happens in whatever transactions, also when a killed process left something in limbo', (context) => {
    const random = campaignRandom(context);
    const { database, writer: first } = prepare(context, random);
    let writer = first;
    for (let transaction = 0; transaction < 150; transaction++) {
      writer.transact(() => {
        for (let i = random.below(8); i >= 0; i--) act(writer, random, BigInt(transaction + 1));
        if (random.chance(0.3)) writer.clearLimbo(writer.detached, CLEARED);
      });
      if (random.chance(0.2)) {
        writer = new Writer(database);
        const restored = writer;
        restored.transact(() => restored.restoreLimbo({ origin: 'scan', time: BigInt(transaction + 1) }));
      }
      if (transaction % 10 === 0) assert.deepEqual(violations(database), []);
    }
    writer.transact(() => writer.clearLimbo(writer.detached, CLEARED));
    assert.deepEqual(violations(database), []);
    assert.deepEqual(writer.rows.children(LIMBO), []);
  });

  it('counts what a directory takes itself as it is where it is met', (context) => {
    const random = campaignRandom(context);
    const { database, writer } = prepare(context, random);
    writer.transact(() => {
      const [top] = allNodes(writer, 1) as [CatalogueNode];
      const state = { ...stateOf(random, 'directory'), disk: 8 };
      const id = writer.create({ parent: top.id, name: nameFromText('small') }, state, undefined);
      const node = writer.rows.get(id) as CatalogueNode;
      writer.move(node, { parent: top.id, name: nameFromText('grown') }, { ...state, disk: 16 }, { origin: 'live', time: 1n });
    });
    assert.deepEqual(violations(database), []);
  });

  it('leaves nothing of a transaction that fails', (context) => {
    const random = campaignRandom(context);
    const { database, writer } = prepare(context, random);
    writer.transact(() => {
      for (let i = 0; i < 40; i++) act(writer, random, 1n);
      writer.clearLimbo(writer.detached, CLEARED);
    });
    const before = dump(database);
    assert.throws(
      () =>
        writer.transact(() => {
          for (let i = 0; i < 20; i++)
            writer.create({ parent: 1, name: nameFromText(`other ${i}`) }, stateOf(random, 'file'), { origin: 'live', time: 2n });
          throw new Error('it fails');
        }),
      /it fails/,
    );
    assert.deepEqual(dump(database), before);
    writer.transact(() => act(writer, random, 3n));
    assert.deepEqual(violations(database), []);
  });

  it('gives a number to nobody twice, also when its node is gone and the catalogue was opened anew', (context) => {
    const random = campaignRandom(context);
    const { database, writer } = prepare(context, random);
    const place = { parent: 1, name: nameFromText('file') };
    const cause = { origin: 'live', time: 1n } as const;
    const first = writer.transact(() => writer.create(place, stateOf(random, 'file'), cause));
    writer.transact(() => {
      writer.detach(writer.rows.get(first) as CatalogueNode, cause);
      writer.clearLimbo(writer.detached, CLEARED);
    });
    const again = new Writer(database);
    assert.notEqual(
      again.transact(() => again.create(place, stateOf(random, 'file'), cause)),
      first,
    );
  });
});

function dump(database: DatabaseSync): unknown[] {
  return ['node', 'directory', 'event'].map((table) => {
    const statement = database.prepare(`SELECT * FROM ${table} ORDER BY 1`);
    statement.setReadBigInts(true);
    return statement.all();
  });
}
