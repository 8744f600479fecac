import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import { FormatError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { PackageIndex } from './package-index.ts';
import { rpmDatabase } from './rpm.ts';
import { RpmHeader, type RpmTag } from './rpm-header.ts';
import { refresh } from './test-refresh.ts';

const hasRpm = existsSync('/usr/bin/rpm') && existsSync('/usr/bin/rpmbuild');

const SPEC = `Name: sample
Version: 1.5
Release: 2
Epoch: 3
Summary: A sample, with an ümlaut
License: MIT
BuildArch: noarch
%description
x
%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/share/sample/deep
echo a > %{buildroot}/etc/sample.conf
echo b > %{buildroot}/usr/share/sample/deep/data
%files
%config /etc/sample.conf
%dir /usr/share/sample
%dir /usr/share/sample/deep
/usr/share/sample/deep/data
%ghost /var/log/sample.log
`;

/** A root with a real database of rpm that has one package. */
function systemWithRpm(context: TestContext): { root: string; folder: string; rpm: (...args: string[]) => void; file: string } {
  const scratch = scratchFolder(context);
  const root = join(scratch, 'root');
  const folder = join(root, 'var/lib/rpm');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(scratch, 'sample.spec'), SPEC);
  execFileSync('rpmbuild', ['--quiet', '-bb', '--define', `_topdir ${scratch}/top`, join(scratch, 'sample.spec')], { stdio: 'pipe' });
  const rpm = (...args: string[]) =>
    execFileSync('rpm', ['--dbpath', folder, '--define', '_db_backend sqlite', ...args], { stdio: 'pipe' });
  rpm('--initdb');
  const file = join(scratch, 'top/RPMS/noarch', readdirSync(join(scratch, 'top/RPMS/noarch'))[0] as string);
  rpm('--install', '--justdb', '--nodeps', '--ignorearch', '--ignoreos', file);
  return { root, folder, rpm, file };
}

function skip(context: TestContext): boolean {
  return skipUnless(context, hasRpm, 'needs rpm and rpmbuild (apt-get install rpm)');
}

describe('packages of rpm', () => {
  it('own their files, as a real database of rpm has them', (context) => {
    if (skip(context)) return;
    const { root } = systemWithRpm(context);
    const database = newCatalogue(context);
    assert.deepEqual(refresh(database, rpmDatabase(root)), { read: 1, removed: 0, unchanged: 0 });
    const index = new PackageIndex(database);
    const data = index.packageOf('/usr/share/sample/deep/data' as ByteName);
    assert.deepEqual([data?.id, data?.version, data?.comment, data?.kind], ['rpm:sample', '3:1.5-2', 'A sample, with an ümlaut', 'file']);
    assert.equal(index.packageOf('/etc/sample.conf' as ByteName)?.kind, 'configuration');
    assert.equal(index.packageOf('/var/log/sample.log' as ByteName)?.kind, 'data');
    assert.equal(index.packageOf('/usr/share/sample/deep' as ByteName), undefined);
  });

  it('come and go with the database', (context) => {
    if (skip(context)) return;
    const { root, rpm } = systemWithRpm(context);
    const database = newCatalogue(context);
    const source = rpmDatabase(root);
    refresh(database, source);
    assert.deepEqual(refresh(database, source), { read: 0, removed: 0, unchanged: 1 });
    rpm('--erase', '--justdb', '--nodeps', 'sample');
    assert.deepEqual(refresh(database, source), { read: 0, removed: 1, unchanged: 0 });
  });

  it('are read without a trace beside their database', (context) => {
    if (skip(context)) return;
    const { root, folder } = systemWithRpm(context);
    for (const name of readdirSync(folder)) if (name !== 'rpmdb.sqlite') rmSync(join(folder, name));
    assert.equal([...rpmDatabase(root).packages()].length, 1);
    assert.deepEqual(readdirSync(folder), ['rpmdb.sqlite']);
  });

  it('are refused when their database is damaged', (context) => {
    if (skip(context)) return;
    const { root, folder } = systemWithRpm(context);
    truncateSync(join(folder, 'rpmdb.sqlite'), 5000);
    assert.throws(() => refresh(newCatalogue(context), rpmDatabase(root)), FormatError);
  });

  it('have headers of which any damage is refused or read within bounds', (context) => {
    if (skip(context)) return;
    const { folder } = systemWithRpm(context);
    using database = new DatabaseSync(join(folder, 'rpmdb.sqlite'), { readOnly: true });
    const blob = Buffer.from(database.prepare('SELECT blob FROM Packages').get()?.blob as Uint8Array);
    let random = 1;
    const next = (below: number) => {
      random = (random * 48271) % 0x7fffffff;
      return random % below;
    };
    for (let i = 0; i < 3000; i++) {
      const damaged = Buffer.from(i % 3 === 0 ? blob.subarray(0, next(blob.length)) : blob);
      // The index is where damage matters most.
      for (let hits = next(4); hits >= 0 && damaged.length > 0; hits--) damaged[next(Math.min(damaged.length, 1200))] = next(256);
      readAll(damaged);
    }
  });

  it('may not claim more than their header holds', () => {
    const header = Buffer.alloc(8 + 16);
    header.writeUInt32BE(1, 0);
    header.writeUInt32BE(1000, 8);
    header.writeUInt32BE(8, 12);
    header.writeUInt32BE(0xffff_ffff, 20);
    assert.throws(() => new RpmHeader(header).texts('name'), /goes beyond the data/);
    header.writeUInt32BE(0x10000, 0);
    assert.throws(() => new RpmHeader(header), /lengths out of bounds/);
  });

  it('are none where rpm is not', (context) => {
    const source = rpmDatabase(scratchFolder(context));
    assert.deepEqual([source.stamp(), [...source.packages()]], [undefined, []]);
  });
});

function readAll(blob: Buffer): void {
  const texts: RpmTag[] = ['name', 'version', 'release', 'summary', 'baseNames', 'directoryNames'];
  const numbers: RpmTag[] = ['epoch', 'fileModes', 'fileFlags', 'fileStates', 'directoryIndexes'];
  for (const tag of [...texts, ...numbers])
    try {
      const header = new RpmHeader(blob);
      if (texts.includes(tag)) header.texts(tag);
      else header.numbers(tag);
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
}
