import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { scratchFolder } from '../../test/support/scratch.ts';
import { saveRevision } from '../../test/support/stored-tree.ts';
import { encodeCheckedJson } from '../base/checked-json.ts';
import { blake3 } from '../hash/blake3.ts';
import { digestToText } from '../hash/digest.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import { Archive } from './archive.ts';
import { collect } from './collect.ts';
import { damagedArchives, repairArchive } from './repair-archive.ts';

const CHUNKING = { minBytes: 1024, targetBytes: 4096, maxBytes: 16384 };

/** An archive of three revisions, and the digests of their trees. */
async function filled(context: TestContext): Promise<{ store: Datadir; file: string; trees: string[] }> {
  const store = new Datadir(join(scratchFolder(context), 'store'), { create: { hash: blake3, chunking: CHUNKING } });
  context.after(() => store.close());
  const trees: string[] = [];
  for (const day of [1, 2, 3])
    trees.push(
      digestToText(await saveRevision(store, 'docs', `2026-01-0${day}T00:00:00Z`, { file: `${day} `.repeat(500) }, { note: 'here' })),
    );
  store.abandon();
  return { store, file: store.archive('docs').path, trees };
}

function damageLine(file: string, number: number): string {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  lines[number - 1] = (lines[number - 1] as string).replace('here', 'hare');
  fs.writeFileSync(file, lines.join('\n'));
  return lines[number - 1] as string;
}

async function treesOf(store: Datadir): Promise<string[]> {
  return (await new Archive(store.archive('docs')).read()).revisions.map(({ tree }) => tree);
}

/** Nothing stands in the way of the collector any more. */
async function assertMended(store: Datadir): Promise<void> {
  assert.deepEqual(await damagedArchives(store), []);
  await collect(store);
}

describe('repairing an archive', () => {
  test('moves a line that cannot be read to a file beside it, and tells what it named', async (context) => {
    const { store, file, trees } = await filled(context);
    const line = damageLine(file, 2);
    await assert.rejects(collect(store), { code: 'CANNOT_COLLECT', advice: /varve archives --repair/ });
    assert.deepEqual(await damagedArchives(store), ['docs']);
    const report = await repairArchive(store, 'docs');
    assert.deepEqual(report, {
      problem: undefined,
      aside: { file: `${file}.damaged`, lines: [line] },
      lines: 2,
      lostLines: 0,
      trees: [trees[1]],
    });
    assert.equal(fs.readFileSync(`${file}.damaged`, 'utf8'), `${line}\n`);
    assert.deepEqual(await treesOf(store), [trees[0], trees[2]]);
    await assertMended(store);
  });

  test('keeps what earlier repairs have put aside, byte by byte', async (context) => {
    const { store, file } = await filled(context);
    const first = damageLine(file, 1);
    await repairArchive(store, 'docs');
    fs.appendFileSync(file, Buffer.from([0xff, 0xfe, 0x0a, 0x41]));
    await repairArchive(store, 'docs');
    assert.deepEqual(
      fs.readFileSync(`${file}.damaged`),
      Buffer.concat([Buffer.from(`${first}\n`), Buffer.from([0xff, 0xfe, 0x0a, 0x41, 0x0a])]),
    );
    await assertMended(store);
  });

  for (const [what, damage] of [
    ['missing', (tip: string) => fs.rmSync(tip)],
    ['damaged', (tip: string) => fs.appendFileSync(tip, 'more')],
  ] as const) {
    test(`makes a witness anew that is ${what}`, async (context) => {
      const { store, file, trees } = await filled(context);
      damage(`${file}.tip`);
      await assert.rejects(collect(store), { code: 'CANNOT_COLLECT', advice: /varve archives --repair/ });
      const { problem, aside } = await repairArchive(store, 'docs');
      assert.match(problem ?? '', /\.tip/);
      assert.equal(aside, undefined);
      assert.deepEqual(await treesOf(store), trees);
      await assertMended(store);
      fs.writeFileSync(file, '');
      assert.deepEqual(await damagedArchives(store), ['docs'], 'the new witness misses what is lost');
    });
  }

  test('says how many revisions are lost, which no later save hides before', async (context) => {
    const { store, file, trees } = await filled(context);
    fs.writeFileSync(file, `${fs.readFileSync(file, 'utf8').split('\n')[0]}\n`);
    for (const day of [4, 5, 6]) await saveRevision(store, 'docs', `2026-01-0${day}T00:00:00Z`, { file: 'x' });
    const archive = new Archive(store.archive('docs'));
    const [first] = (await archive.read()).revisions;
    assert.ok(first);
    await archive.drop((await archive.read()).revisions.slice(1));
    await archive.annotate(first, { pinned: true });
    assert.equal((await repairArchive(store, 'docs')).lostLines, 2);
    assert.deepEqual(await treesOf(store), trees.slice(0, 1));
    await assertMended(store);
  });

  test('lets go of an archive whose file is gone', async (context) => {
    const { store, file } = await filled(context);
    fs.rmSync(file);
    const report = await repairArchive(store, 'docs');
    assert.deepEqual([report.lines, report.lostLines], [0, 3]);
    assert.deepEqual(await store.archiveNames(), []);
    await assertMended(store);
  });

  test('leaves lines of a newer format where they are', async (context) => {
    const { store, file } = await filled(context);
    const newer = encodeCheckedJson({ varve: 2, else: true });
    fs.appendFileSync(file, newer);
    damageLine(file, 1);
    assert.equal((await repairArchive(store, 'docs')).lines, 3);
    assert.ok(fs.readFileSync(file, 'utf8').endsWith(newer));
    await assert.rejects(collect(store), { code: 'CANNOT_COLLECT', advice: /Update varve/ });
  });

  test('leaves an archive alone that is whole, and makes none', async (context) => {
    const { store, file, trees } = await filled(context);
    fs.appendFileSync(file, 'half a line of a save that was killed');
    const before = fs.readFileSync(file);
    assert.equal((await repairArchive(store, 'docs')).aside, undefined);
    assert.deepEqual(fs.readFileSync(file), before);
    assert.equal((await repairArchive(store, 'never')).lines, 0);
    assert.deepEqual([await store.archiveNames(), await treesOf(store)], [['docs'], trees]);
  });
});
