import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { OwnerMatcher } from '../owners/matcher.ts';
import { SHIPPED_RULES } from '../owners/shipped.ts';
import { flatpakDatabase } from './flatpak.ts';
import { PackageIndex } from './package-index.ts';
import { refresh } from './test-refresh.ts';

/** Deploys an application as flatpak does: files in a folder of their commit, links to it. */
function deploy(installation: string, id: string, commit: string): string {
  const branch = join(installation, 'app', id, 'x86_64/stable');
  const files = join(branch, commit, 'files');
  mkdirSync(join(files, 'share/metainfo'), { recursive: true });
  symlinkSync(commit, join(branch, 'active'));
  symlinkSync('x86_64/stable', join(installation, 'app', id, 'current'));
  writeFileSync(
    join(files, 'share/metainfo', `${id}.metainfo.xml`),
    '<component><summary>Draws &amp; paints</summary><summary xml:lang="de">Malt</summary><releases><release date="2026-01-01" version="4.2"/></releases></component>',
  );
  return branch;
}

describe('applications of flatpak', () => {
  it('own their folders, and the folders in which they keep data for users', (context) => {
    const scratch = scratchFolder(context);
    const [system, home] = [join(scratch, 'system'), join(scratch, 'home')];
    const branch = deploy(system, 'org.example.Draw', 'c0ffee');
    mkdirSync(join(home, '.var/app/org.example.Draw/config'), { recursive: true });
    const database = newCatalogue(context);
    const source = flatpakDatabase([nameFromText(home)], nameFromText(system));
    assert.equal(refresh(database, source).read, 1);

    const matcher = new OwnerMatcher([...new PackageIndex(database).folderRules(), ...SHIPPED_RULES], [nameFromText(home)]);
    const owner = matcher.ownerOf(nameFromText(join(branch, 'c0ffee/files/bin/draw')));
    assert.deepEqual([owner?.id, owner?.comment, owner?.flags.keep], ['flatpak:org.example.Draw', 'Draws & paints', false]);
    const data = matcher.ownerOf(nameFromText(join(home, '.var/app/org.example.Draw/config/a')));
    assert.deepEqual([data?.id, data?.flags.keep], ['flatpak:org.example.Draw', true]);
    assert.equal(matcher.ownerOf(nameFromText(join(home, '.var/app/org.example.Draw/cache/a')))?.id, 'caches', 'a cache is nearer');
    assert.equal(new PackageIndex(database).packageOf(nameFromText(branch) as ByteName)?.version, '4.2');
  });

  it('are read again when another commit is deployed', (context) => {
    const home = scratchFolder(context);
    const installation = join(home, '.local/share/flatpak');
    deploy(installation, 'org.example.Draw', 'one');
    writeFileSync(join(installation, '.changed'), '');
    const source = flatpakDatabase([nameFromText(home)], nameFromText(join(home, 'none')));
    const database = newCatalogue(context);
    refresh(database, source);
    assert.equal(refresh(database, source).unchanged, 1);
    deploy(installation, 'org.example.Other', 'two');
    utimesSync(join(installation, '.changed'), 1, 1);
    assert.deepEqual(refresh(database, source), { read: 1, removed: 0, unchanged: 1 });
  });

  it('are none where flatpak is not', (context) => {
    const none = nameFromText(join(scratchFolder(context), 'none'));
    assert.equal(flatpakDatabase([none], none).stamp(), undefined);
  });

  it('are none where the system does not let anybody look', (context) => {
    const loop = join(scratchFolder(context), 'loop');
    symlinkSync('loop', loop);
    const source = flatpakDatabase([nameFromText(loop)], nameFromText(join(loop, 'flatpak')));
    assert.equal(source.stamp(), undefined);
    assert.deepEqual([...source.packages()], []);
  });
});
