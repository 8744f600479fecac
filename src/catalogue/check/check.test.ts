import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { CatalogueFill, FILE } from '../../../test/support/catalogue/fill.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
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
