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

function filled(isThere: boolean, stat: Stat): Stat {
  assert.ok(isThere);
  return stat;
}
