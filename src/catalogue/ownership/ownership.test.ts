import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue/open-catalogue.ts';
import { type ByteName, nameFromText, nameToBytes } from '../../base/names.ts';
import { ruleOf } from '../owners/rule-table.ts';
import { Ownership } from './ownership.ts';

test('what a shipped rule says of a whole root does not shorten its past when it is taken out of the watch', (context) => {
  const database = newCatalogue(context);
  const insert = database.prepare('INSERT INTO root (node, path, added) VALUES (?, ?, 0)');
  for (const [node, path] of ['/home/ann', '/home/ann/Downloads'].entries()) insert.run(node + 1, nameToBytes(nameFromText(path)));
  const shipped = ['Downloads', 'Trash'].map((name) =>
    ruleOf(name, { folders: [`/home/ann/${name}`], keep: false, retention: '7 days' }, 'shipped'),
  );
  for (const roots of [['/home/ann'], []] as ByteName[][]) {
    const ownership = new Ownership(database, { rules: shipped, homes: [], roots });
    const daysOf = (path: string) => ownership.retentionOf(nameFromText(path))?.age?.days;
    assert.deepEqual(
      [daysOf('/home/ann/Downloads/file'), daysOf('/home/ann/Trash/file'), daysOf('/home/ann/file')],
      [undefined, 7, undefined],
    );
    assert.equal(ownership.flagsOf(nameFromText('/home/ann/Downloads/file')).keep, false);
  }
});
