import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NaiveWriter, placeIn } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { nameFromText } from '../../base/names.ts';
import { History } from './history.ts';
import { versionsOf } from './versions.ts';

describe('versions', () => {
  it('tell the path of what was found and went with its folder', (context) => {
    const database = newCatalogue(context);
    const writer = new NaiveWriter(database, '/root');
    let folder = 0;
    writer.record(() => {
      folder = writer.create(placeIn(writer.root, 'folder'), 'directory');
      writer.create(placeIn(folder, 'file'), 'file', 'x');
    });
    writer.isFirstScan = false;
    writer.record(() => writer.remove(folder));
    const versions = versionsOf(new History(database), nameFromText('/root/folder/file'));
    assert.deepEqual(
      versions.map(({ kind, path }) => [kind, path]),
      [
        ['deleted', '/root/folder/file'],
        ['found', '/root/folder/file'],
      ],
    );
  });
});
