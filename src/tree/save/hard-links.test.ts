import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { nameFromText } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { HardLinks } from './hard-links.ts';

test('links of one file share an identity that the path of the first decides; a file of one name has none', (context) => {
  const path = scratchFolder(context);
  for (const name of ['a', 'b', 'single']) fs.writeFileSync(join(path, name), '');
  fs.linkSync(join(path, 'a'), join(path, 'a2'));
  fs.linkSync(join(path, 'b'), join(path, 'b2'));
  using directory = system().openDirectory(nameFromText(path));
  const links = new HardLinks(blake3);
  const stat = new Stat();
  const identity = (name: string, at = name) => {
    assert.ok(directory.stat(nameFromText(name), stat));
    return links.identity(stat, () => at);
  };
  const first = identity('a');
  assert.equal(first?.length, 16);
  assert.deepEqual(identity('a2'), first);
  assert.notDeepEqual(identity('b'), first);
  assert.equal(identity('single'), undefined);
  assert.deepEqual(
    new HardLinks(blake3).identity(filled(directory.stat(nameFromText('b2'), stat), stat), () => 'a'),
    first,
  );
});

test('a link keeps the identity that it had, unless the path which that came from is looked at', (context) => {
  const path = scratchFolder(context);
  for (const name of ['b', 'c']) {
    fs.writeFileSync(join(path, name), '');
    fs.linkSync(join(path, name), join(path, `${name}2`));
  }
  using directory = system().openDirectory(nameFromText(path));
  const stat = new Stat();
  const identify = (links: HardLinks, name: string, before?: Uint8Array) => {
    assert.ok(directory.stat(nameFromText(name), stat));
    return links.identity(stat, () => name, before);
  };
  const fresh = (name: string) => identify(new HardLinks(blake3), name) as Uint8Array;
  const fromA = new HardLinks(blake3).identity(filled(directory.stat(nameFromText('b'), stat), stat), () => 'a') as Uint8Array;

  const unseen = new HardLinks(blake3);
  assert.deepEqual(identify(unseen, 'b', fromA), fromA);
  assert.deepEqual(identify(unseen, 'c', fromA), fresh('c'), 'what is one file’s is not another’s');

  const gone = new HardLinks(blake3);
  gone.looksAt('a', fromA);
  assert.deepEqual(identify(gone, 'b', fromA), fresh('b'));

  const later = new HardLinks(blake3);
  later.looksAt('c', fromA);
  assert.deepEqual(identify(later, 'c', fromA), fromA);
});

function filled(isThere: boolean, stat: Stat): Stat {
  assert.ok(isThere);
  return stat;
}
