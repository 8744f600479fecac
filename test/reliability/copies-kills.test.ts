/** A process that makes a copy of the catalogue, or puts it back, is killed at any moment. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ByteName, nameFromText } from '../../src/base/names.ts';
import { checkCatalogue } from '../../src/catalogue/check/check.ts';
import { backUpCatalogue } from '../../src/catalogue/copies/backup.ts';
import { openForReading, openForWriting } from '../../src/catalogue/database.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeState } from '../../src/catalogue/types.ts';
import { RootRows } from '../../src/catalogue/write/roots.ts';
import { Writer } from '../../src/catalogue/write/writer.ts';
import { campaignRandom } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';
import { varve, varveCommand, varveEnv } from '../support/varve.ts';

const KILLS = 8;
const FILES = 3000;
const TOP = { parent: NO_DIRECTORY, name: '/root' as ByteName };

test('a catalogue is the former or the new one as a whole, whenever the process that puts a copy back is killed', async (context) => {
  const random = campaignRandom(context);
  const home = scratchFolder(context);
  const catalogue = join(home, 'catalogue.db');
  const copy = join(home, 'copy.db');
  addFiles(catalogue, 'old', FILES);
  const source = openForReading(catalogue) ?? assert.fail('there is one');
  await backUpCatalogue(source, { catalogue, file: copy, replace: false });
  source.close();
  const started = performance.now();
  assert.equal(varve(home, ['catalogue', 'restore', copy]).status, 0);
  const usualMs = performance.now() - started;

  for (let kill = 0; kill < KILLS; kill++) {
    addFiles(catalogue, `round ${kill}`, 1);
    await runAndKill(home, ['catalogue', 'restore', copy], random.below(usualMs));
    assert.ok([FILES + 1, FILES + 2].includes(nodesOfSound(catalogue)));
    assert.equal(varve(home, ['catalogue', 'restore', copy]).status, 0);
    assert.equal(nodesOfSound(catalogue), FILES + 1);
    assert.deepEqual(
      readdirSync(home).filter((name) => name.includes('restoring')),
      [],
    );
  }
});

test('a copy is there as a whole or not at all, and nothing stays beside it, whenever the process that makes it is killed', async (context) => {
  const random = campaignRandom(context);
  const home = scratchFolder(context);
  const copy = join(home, 'copy.db');
  addFiles(join(home, 'catalogue.db'), 'old', FILES);
  const started = performance.now();
  assert.equal(varve(home, ['catalogue', 'backup', copy]).status, 0);
  const usualMs = performance.now() - started;
  for (let kill = 0; kill < KILLS; kill++) {
    await runAndKill(home, ['catalogue', 'backup', copy, '--force'], random.below(usualMs));
    assert.equal(nodesOfSound(copy), FILES + 1);
  }
  assert.equal(varve(home, ['catalogue', 'backup', copy, '--force']).status, 0);
  assert.deepEqual(
    readdirSync(home).filter((name) => name.startsWith('copy')),
    ['copy.db'],
  );
});

async function runAndKill(home: string, args: readonly string[], afterMs: number): Promise<void> {
  const [program, all] = varveCommand(...args);
  const child = spawn(program, all, { env: varveEnv(home), stdio: 'ignore' });
  const exited = once(child, 'exit');
  await sleep(afterMs);
  child.kill('SIGKILL');
  await exited;
}

/** Puts files into the catalogue, which is made with its root where there is none. */
function addFiles(catalogue: string, name: string, count: number): void {
  using database = openForWriting(catalogue);
  const writer = new Writer(database);
  writer.transact(() => {
    if (writer.rows.at(TOP) === undefined)
      new RootRows(database).add(
        { node: writer.create(TOP, stateOf('directory'), undefined), path: TOP.name, recursive: true, isScanned: false },
        1n,
      );
    const { id: parent } = writer.rows.at(TOP) as CatalogueNode;
    for (let i = 0; i < count; i++)
      writer.create({ parent, name: nameFromText(`${name} ${i}`) }, stateOf('file'), { origin: 'live', time: 1n });
  });
}

function stateOf(kind: NodeState['kind']): NodeState {
  const times = { mtime: 1n, ctime: 1n, born: 1n };
  return { kind, size: 10, disk: 8, ...times, mode: 0o755, uid: 0, gid: 0, device: 1, inode: 1n, links: 1, digest: undefined };
}

/** How many nodes a catalogue has; fails unless it is sound. */
function nodesOfSound(catalogue: string): number {
  using database = openForReading(catalogue) ?? assert.fail('there is one');
  return checkCatalogue(database, ({ problem }) => assert.fail(problem)).nodes;
}
