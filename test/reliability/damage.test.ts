/** Flipped bits, truncation, missing files, garbage. `VARVE_DAMAGES` says how many, `VARVE_SEED` which. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { VarveError } from '../../src/base/errors.ts';
import { nameFromText } from '../../src/base/names.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { Datadir } from '../../src/store/datadir/datadir.ts';
import { listSegments } from '../../src/store/datadir/segment-file.ts';
import { collect } from '../../src/tree/collect.ts';
import { save } from '../../src/tree/save/save.ts';
import type { VerifyReport } from '../../src/tree/types.ts';
import { verify } from '../../src/tree/verify/verify.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';
import { ChurningTree } from './churning-tree.ts';
import { type Damage, inflict, pickDamage } from './damages.ts';
import { isTouched, readableFiles } from './readable-files.ts';

const DAMAGES = sizeFromEnv('VARVE_DAMAGES', 50);
const CREATE = { hash: blake3, chunking: { minBytes: 2048, targetBytes: 8192, maxBytes: 32768 } };

/** A store with everything that a store can have: two archives of several revisions, growing and closed segments, several index runs, blocks that nothing needs. */
async function makeStore(folder: string, source: ChurningTree): Promise<void> {
  for (let i = 0; i < 6; i++) {
    const store = new Datadir(folder, { create: CREATE });
    await saveInto(store, i % 2 === 0 ? 'even' : 'odd', source);
    await store.close();
    if (i % 2 === 1) closeSegments(store);
    source.churn();
  }
  const store = new Datadir(folder);
  await store.archive('even').rewrite((lines) => lines.slice(1));
}

async function saveInto(store: Datadir, archive: string, source: ChurningTree): Promise<void> {
  await save({ store, archive, source: nameFromText(source.folder), options: { threads: 0 } });
}

/** As at the limit of their size, which is too high for a test to reach. */
function closeSegments({ layout }: Datadir): void {
  for (const { id, growing } of listSegments(layout).values()) if (growing) fs.renameSync(layout.growing(id), layout.closed(id));
}

/** What verify has to say of a damaged file: that it is damaged, or if anything, that it does no harm, or nothing. */
function expectation(file: string, { kind }: Damage): 'named' | 'harmless' {
  if (/\/index\/|\.lock$|\/reserve$/.test(file)) return 'harmless';
  // As a killed writer leaves it.
  if (kind === 'append' && /\.growing$|\.varve$/.test(file)) return 'harmless';
  return 'named';
}

function assertNamed({ problems }: VerifyReport, file: string): void {
  const id = basename(file).replace(/\.(growing|vseg)$/, '');
  const named = problems.some(
    ({ where, message, harmless }) => (where.includes(id) || message.includes(id)) && (!harmless || !fs.existsSync(file)),
  );
  assert.ok(named, `nothing is said of it: ${JSON.stringify(problems)}`);
}

/** Rejects with one of our errors, if at all. */
async function orRefuses(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof VarveError)) throw error;
  });
}

test(`every one of ${DAMAGES} damages is named, costs what verify lists, and nothing else`, {
  timeout: 24 * 3_600_000,
}, async (context: TestContext) => {
  const random = campaignRandom(context);
  const folder = scratchFolder(context);
  const source = new ChurningTree(join(folder, 'source'), random, 40);
  const template = join(folder, 'template');
  await makeStore(template, source);
  const files = fs
    .readdirSync(template, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  const whole = new Datadir(template);
  const expected = await readableFiles(whole);
  assert.ok(expected.size > 100);
  await whole.close();

  for (let i = 0; i < DAMAGES; i++) {
    const place = join(folder, 'store');
    fs.rmSync(place, { recursive: true, force: true });
    fs.cpSync(template, place, { recursive: true });
    const file = random.pick(files).replace(template, place);
    const damage = pickDamage(random, fs.statSync(file).size);
    if (!inflict(file, damage, random)) continue;
    try {
      await examine(place, file, damage, expected, source);
    } catch (error) {
      context.diagnostic(`${JSON.stringify(damage)} of ${file}`);
      throw error;
    }
  }
});

async function examine(
  place: string,
  file: string,
  damage: Damage,
  expected: ReadonlyMap<string, string>,
  source: ChurningTree,
): Promise<void> {
  const store = new Datadir(place);
  try {
    const report = await verify(store, { threads: 0 });
    if (expectation(file, damage) === 'named') assertNamed(report, file);
    else
      assert.deepEqual(
        report.problems.filter(({ harmless }) => !harmless && damage.kind !== 'append'),
        [],
      );
    const readable = await readableFiles(store);
    assertNothingElse(readable, expected, report, file);
    await orRefuses(collect(store));
    const after = await readableFiles(store);
    for (const [path, hash] of readable) assert.equal(after.get(path), hash, `${path} does not read after gc as before`);
    await orRefuses(saveInto(store, 'even', source));
    await assert.doesNotReject(readableFiles(store));
  } finally {
    await orRefuses(store.close());
  }
}

/** What reads at all reads right, and what does not was said to be touched; of a damaged archive, revisions are gone. */
function assertNothingElse(
  readable: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
  { touched }: VerifyReport,
  file: string,
): void {
  const damagedArchive = /\/archives\/(\w+)\.varve$/.exec(file)?.[1];
  for (const [path, hash] of expected) {
    if (readable.has(path)) assert.equal(readable.get(path), hash, `${path} reads otherwise`);
    else if (path.split(' ')[0] !== damagedArchive)
      assert.ok(isTouched(path, touched), `${path} cannot be read, and verify did not say so`);
  }
}
