import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';

const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url));

/** Scans the folder `root` and reads more files than the catalogue's own thread does. */
const PROGRAM = `
  import { nameFromText } from ${source('base/names.ts')};
  import { CatalogueService } from ${source('catalogue/service.ts')};
  import { blake3 } from ${source('hash/blake3.ts')};
  const service = new CatalogueService({
    database: 'catalogue.db',
    roots: [nameFromText(process.cwd() + '/root')],
    own: [],
    scanThreads: 1,
    keep: { hash: blake3 },
    onFailure: (error) => { throw error; },
  });
  await service.finish();
  console.log(service.state().hashedFiles);
  await service.close();
`;

test('a program that Node was given as text has the same threads as any other, and they say nothing', (context) => {
  const folder = realpathSync(scratchFolder(context));
  mkdirSync(join(folder, 'root'));
  for (let i = 0; i < 100; i++) writeFileSync(join(folder, 'root', `${i}`), `content ${i}`);
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', PROGRAM];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual([stderr, status], ['', 0]);
  assert.ok(Number(stdout) >= 100, stdout);
});
