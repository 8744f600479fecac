import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { CatalogueFill, FILE } from '../../../test/support/catalogue/fill.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { openForReading, openForWriting } from '../database.ts';
import { indexNames } from '../questions/name-index.ts';
import { checkCatalogue } from './check.ts';

it('takes an index of names for sound that was merged since the same connection checked it', (context) => {
  const path = join(scratchFolder(context), 'catalogue.db');
  using writer = openForWriting(path);
  const fill = new CatalogueFill(writer);
  const root = fill.root('/r' as ByteName);
  for (let i = 0; i < 2000; i++) fill.add(root, nameFromText(`file-${i}-${(i * 7919) % 1000}.txt`), { type: FILE, size: i });
  fill.finish();
  using reader = openForReading(path) ?? assert.fail('there is a catalogue');
  const damages = () => {
    const found: string[] = [];
    checkCatalogue(reader, ({ problem }) => found.push(problem));
    return found.filter((problem) => problem.includes('damaged'));
  };
  // A page at a time.
  while (indexNames(writer, 0)) {
    assert.deepEqual(damages(), []);
    writer.exec("INSERT INTO name_trigram (name_trigram, rank) VALUES ('merge', 1000000)");
    assert.deepEqual(damages(), []);
  }
});

it('finds nodes that are wrongly marked as twins, and twins that are not', (context) => {
  using database = openForWriting(join(scratchFolder(context), 'catalogue.db'));
  const fill = new CatalogueFill(database);
  const root = fill.root('/r' as ByteName);
  for (const name of ['a', 'b', 'c'])
    fill.add(root, name as ByteName, { type: FILE, size: 1, digest: blake3.hash(Buffer.from(name === 'c' ? 'c' : 'ab')) });
  fill.finish();
  const problems = () => {
    const found: string[] = [];
    checkCatalogue(database, ({ problem }) => found.push(problem));
    return found.filter((problem) => problem.includes('twin'));
  };
  assert.deepEqual(problems(), []);
  database.exec("UPDATE node SET twin = 1 - twin WHERE name IN (x'62', x'63')");
  assert.deepEqual(problems(), [
    'b: another file has its digest, and it is not marked as a twin',
    'c: it is marked as a twin, and no other file has its digest',
  ]);
});
