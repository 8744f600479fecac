import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import type { ByteName } from '../../base/names.ts';
import { dpkgDatabase } from './dpkg.ts';
import { parseStatus } from './dpkg-files.ts';
import { PackageIndex } from './package-index.ts';
import { refresh } from './test-refresh.ts';

const hasDpkg = existsSync('/usr/bin/dpkg-deb');

/** A system of its own with a merged /usr, into which dpkg installs. */
class System {
  readonly root: string;
  readonly #scratch: string;

  constructor(context: TestContext) {
    this.#scratch = scratchFolder(context);
    this.root = join(this.#scratch, 'root');
    for (const folder of ['usr/bin', 'var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib/dpkg/triggers'])
      mkdirSync(join(this.root, folder), { recursive: true });
    for (const file of ['status', 'available', 'diversions']) writeFileSync(join(this.root, 'var/lib/dpkg', file), '');
    symlinkSync('usr/bin', join(this.root, 'bin'));
  }

  install(name: string, version: string, files: readonly string[], conffiles: readonly string[] = []): void {
    const folder = join(this.#scratch, `${name}-${version}`);
    for (const file of [...files, ...conffiles]) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      if (!file.endsWith('/')) writeFileSync(join(folder, file), `${file} ${version}\n`);
      else mkdirSync(join(folder, file));
    }
    mkdirSync(join(folder, 'DEBIAN'));
    const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: nobody <a@example.org>\nDescription: sample called ${name}\n more of it\n`;
    writeFileSync(join(folder, 'DEBIAN/control'), control);
    writeFileSync(join(folder, 'DEBIAN/conffiles'), conffiles.map((file) => `${file}\n`).join(''));
    execFileSync('dpkg-deb', ['--build', '--root-owner-group', folder], { stdio: 'pipe' });
    this.dpkg('--install', `${folder}.deb`);
  }

  dpkg(...args: string[]): void {
    execFileSync('dpkg', [`--root=${this.root}`, '--force-not-root', '--force-bad-path', `--log=${this.#scratch}/log`, ...args], {
      stdio: 'pipe',
    });
  }

  divert(by: string, from: string, to: string): void {
    execFileSync('dpkg-divert', ['--root', this.root, '--package', by, '--no-rename', '--divert', to, '--add', from], { stdio: 'pipe' });
  }
}

function skip(context: TestContext): boolean {
  return skipUnless(context, hasDpkg, 'needs dpkg, which Debian and its kin have');
}

describe('packages of dpkg', () => {
  it('own their files, by the places where these really are', (context) => {
    if (skip(context)) return;
    const system = new System(context);
    system.install('sample', '1.0', ['/bin/sample', '/usr/share/sample/data', '/usr/share/sample/empty/'], ['/etc/sample.conf']);
    const database = newCatalogue(context);
    assert.deepEqual(refresh(database, dpkgDatabase(system.root)), { read: 1, removed: 0, unchanged: 0 });
    const index = new PackageIndex(database);
    const of = (path: string) => index.packageOf(path as ByteName);
    assert.deepEqual([of('/usr/bin/sample')?.id, of('/usr/bin/sample')?.kind, of('/bin/sample')], ['dpkg:sample', 'file', undefined]);
    assert.deepEqual([of('/usr/bin/sample')?.version, of('/usr/bin/sample')?.comment], ['1.0', 'sample called sample']);
    assert.equal(of('/etc/sample.conf')?.kind, 'configuration');
    assert.equal(of('/etc/sample.conf')?.flags.keep, true);
    assert.equal(of('/usr/share/sample/empty')?.id, 'dpkg:sample');
    assert.equal(of('/usr/share/sample'), undefined, 'folders with something in them are shared');
    assert.deepEqual([...index.packagesIn('/usr/share/sample' as ByteName).keys()].sort(), ['data', 'empty']);
  });

  it('own what was diverted under its other name, and the diverting package under the first', (context) => {
    if (skip(context)) return;
    const system = new System(context);
    system.install('first', '1', ['/usr/share/thing']);
    system.divert('second', '/usr/share/thing', '/usr/share/thing.first');
    system.install('second', '1', ['/usr/share/thing']);
    const database = newCatalogue(context);
    refresh(database, dpkgDatabase(system.root));
    const index = new PackageIndex(database);
    assert.equal(index.packageOf('/usr/share/thing' as ByteName)?.id, 'dpkg:second');
    assert.equal(index.packageOf('/usr/share/thing.first' as ByteName)?.id, 'dpkg:first');
  });

  it('are read again one by one as they change', (context) => {
    if (skip(context)) return;
    const system = new System(context);
    const source = dpkgDatabase(system.root);
    const database = newCatalogue(context);
    assert.deepEqual(refresh(database, source), { read: 0, removed: 0, unchanged: 0 });
    system.install('stays', '1', ['/opt/stays/a']);
    system.install('changes', '1', ['/opt/changes/old'], ['/etc/changes.conf']);
    refresh(database, source);
    assert.deepEqual(refresh(database, source), { read: 0, removed: 0, unchanged: 2 });
    system.install('changes', '2', ['/opt/changes/new'], ['/etc/changes.conf']);
    assert.deepEqual(refresh(database, source), { read: 1, removed: 1, unchanged: 1 });
    const index = new PackageIndex(database);
    assert.deepEqual(
      [...index.packagesIn('/opt/changes' as ByteName)].map(([name, owner]) => [name, owner.version]),
      [['new', '2']],
    );

    system.dpkg('--remove', 'changes');
    refresh(database, source);
    assert.equal(index.packageOf('/etc/changes.conf' as ByteName)?.kind, 'configuration', 'settings of a removed package stay its own');
    assert.equal(index.packageOf('/opt/changes/new' as ByteName), undefined);
    system.dpkg('--purge', 'changes');
    assert.deepEqual(refresh(database, source), { read: 0, removed: 1, unchanged: 1 });
    assert.deepEqual(database.prepare('SELECT count(*) AS count FROM packageFolder').get()?.count, 1);
  });

  it('of this machine own what dpkg says they own', (context) => {
    if (skip(context)) return;
    const database = newCatalogue(context);
    refresh(database, dpkgDatabase());
    const owner = new PackageIndex(database).packageOf('/usr/bin/dpkg-deb' as ByteName);
    assert.equal(owner?.id, `dpkg:${execFileSync('dpkg', ['-S', '/usr/bin/dpkg-deb'], { encoding: 'utf8' }).split(':')[0]}`);
  });

  it('are none where dpkg is not', (context) => {
    assert.equal(dpkgDatabase(scratchFolder(context)).stamp(), undefined);
    assert.deepEqual([...dpkgDatabase(scratchFolder(context)).packages()], []);
  });

  it('are refused when their names lead elsewhere', (context) => {
    const root = scratchFolder(context);
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
    writeFileSync(join(root, 'var/lib/dpkg/status'), 'Package: ../../x\nStatus: install ok installed\nArchitecture: all\n\n');
    assert.throws(() => [...dpkgDatabase(root).packages()], { code: 'FORMAT' });
  });
});

describe('the status file of dpkg', () => {
  it('tells which paths are settings, whatever stands behind their checksums', () => {
    const text = `Package: a\nStatus: install ok installed\nConffiles:
 /etc/a 0123456789abcdef0123456789abcdef
 /etc/with space 0123456789abcdef0123456789abcdef obsolete
 /etc/gone 0123456789abcdef0123456789abcdef obsolete remove-on-upgrade
 /etc/new newconffile
Description: one\n two\n`;
    const [entry] = parseStatus(text);
    assert.deepEqual([...(entry?.configuration ?? [])], ['/etc/a', '/etc/with space', '/etc/gone', '/etc/new']);
    assert.equal(entry?.summary, 'one');
  });
});
