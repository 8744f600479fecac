import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, describe as suite } from 'node:test';
import { gzipSync } from 'node:zlib';
import { NaiveWriter, placeIn } from '../../../test/support/catalogue/naive-writer.ts';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import type { ByteName } from '../../base/names.ts';
import { ruleOf } from '../owners/rule-table.ts';
import { describe } from './describe.ts';
import { keepGenerated } from './generated.ts';
import { manualDescription, nameSection } from './manual.ts';
import { MimeTypes } from './mime.ts';
import { describePath, writeDescription, writtenDescription } from './written.ts';

suite('describing a file', () => {
  it('gives all that is known, what people wrote first', (context) => {
    const database = newCatalogue(context);
    const manuals = join(scratchFolder(context), 'man');
    mkdirSync(join(manuals, 'man1'), { recursive: true });
    writeFileSync(join(manuals, 'man1/tool.1'), '.TH TOOL 1\n.SH NAME\ntool \\- does things\n.SH SYNOPSIS\n');
    const digest = Buffer.from([1]);
    writeDescription(database, 5, 'My\ntool', 1n);
    keepGenerated(database, { digest, model: 'small', text: 'A script.' }, 1n);
    const owner = ruleOf('tools', { folders: ['/usr/bin'], comment: 'Tools of mine' }, 'user');
    const subject = {
      path: '/usr/bin/tool' as ByteName,
      kind: 'file',
      node: 5,
      owner,
      digest,
      sizeBytes: 10,
      head: Buffer.from('#!/bin/sh\n'),
    } as const;
    const found = describe(subject, { database, manuals: [manuals], types: new MimeTypes(join(manuals, 'none')) });
    assert.deepEqual(
      found.map(({ source, text }) => [source, text]),
      [
        ['written', 'My tool'],
        ['owner', 'Tools of mine'],
        ['manual', 'does things'],
        ['type', 'text/plain'],
        ['generated', 'A script.'],
      ],
    );
    writeDescription(database, 5, '  ', 2n);
    assert.equal(describe(subject, { database, manuals: [], types: new MimeTypes('/none') })[0]?.source, 'owner');
  });
});

suite('what somebody wrote', () => {
  it('is said of the file that takes the place of another by a save, until it is taken away', (context) => {
    const database = newCatalogue(context);
    const writer = new NaiveWriter(database, '/root');
    writer.isFirstScan = false;
    const place = placeIn(writer.root, 'file');
    const path = '/root/file' as ByteName;
    const saveByRename = () =>
      writer.record(() => writer.move(writer.create(placeIn(writer.root, 'temporary'), 'file', 'new content'), place));
    const written = () => writtenDescription(database, writer.at(place)?.id as number, path);
    saveByRename();
    describePath(database, path, 'My letter', 1n);
    saveByRename();
    saveByRename();
    assert.equal(written(), 'My letter');
    describePath(database, path, 'My other letter', 2n);
    saveByRename();
    assert.equal(written(), 'My other letter');
    describePath(database, path, '', 3n);
    assert.equal(written(), undefined);
    saveByRename();
    assert.equal(written(), undefined);
  });
});

suite('the manual', () => {
  it('is read in both of its languages', () => {
    assert.equal(nameSection('.SH "NAME"\nls \\- list \\fIdirectory\\fR contents\n.SH X\n'), 'list directory contents');
    assert.equal(nameSection('.Sh NAME\n.Nm ssh\n.Nd OpenSSH remote login client\n.Sh X\n'), 'OpenSSH remote login client');
    assert.equal(nameSection('.SH NAME\n.B a\n\\- b\\(emc\n'), 'b-c');
    assert.equal(nameSection('.SH NAME\nnothing\n'), undefined);
    assert.equal(nameSection('.SH DESCRIPTION\na \\- b\n'), undefined);
  });

  it('is followed through pages that stand for others, but not out of its folder', (context) => {
    const folder = scratchFolder(context);
    for (const section of ['man1', 'man5', 'man8']) mkdirSync(join(folder, section));
    writeFileSync(join(folder, 'man1/a.1.gz'), gzipSync('.so man8/b.8\n'));
    writeFileSync(join(folder, 'man8/b.8'), '.SH NAME\nb \\- the other\n');
    writeFileSync(join(folder, 'man1/out.1'), '.so ../../etc/passwd\n');
    writeFileSync(join(folder, 'man1/loop.1'), '.so man1/loop.1\n');
    writeFileSync(join(folder, 'man1/bad.1.gz'), 'no gzip');
    writeFileSync(join(folder, 'man1/bomb.1.gz'), gzipSync(Buffer.alloc(20 << 20)));
    const of = (name: string) => manualDescription(`/usr/bin/${name}` as ByteName, [folder]);
    assert.deepEqual(['a', 'out', 'loop', 'bad', 'bomb', 'none'].map(of), ['the other', ...Array(5).fill(undefined)]);
  });
});

suite('the type of a file', () => {
  const types = new MimeTypes();
  const name = (text: string) => text as ByteName;

  it('is told by its name', () => {
    assert.equal(types.typeOfName(name('a.JPG')), 'image/jpeg');
    assert.equal(types.typeOfName(name('a.html')), 'text/html');
    assert.equal(types.typeOfName(name('a.unheard-of')), undefined);
  });

  it('is told by its name also where the system has no database', () => {
    assert.equal(new MimeTypes('/none').typeOfName(name('a.jpg')), 'image/jpeg');
    assert.equal(new MimeTypes('/none').typeOf(name('a'), Buffer.from([0])), 'application/octet-stream');
  });

  it('is told by a database of the system: by endings, whole names, and where those do not tell, by content', (context) => {
    const folder = scratchFolder(context);
    const globs =
      '# x\n50:image/png:*.png\n50:text/x-makefile:makefile\n50:a/one:*.amb\n50:a/two:*.amb\n50:text/x-c++src:*.C:cs\n60:application/x-gz-tar:*.tar.gz\n50:application/gzip:*.gz\n50:x/y:x[0-9]z\n';
    writeFileSync(join(folder, 'globs2'), globs);
    const rule = (indent: string, offset: number, value: string, rest = '') =>
      `${indent}>${offset}=\0${String.fromCharCode(value.length)}${value}${rest}\n`;
    writeFileSync(
      join(folder, 'magic'),
      Buffer.from(
        `MIME-Magic\0\n[80:a/two]\n${rule('', 0, 'TWO')}[50:b/nested]\n${rule('', 0, 'N')}${rule('1', 2, 'x\n', '+3')}[40:b/masked]\n${rule('', 0, 'A', '&\xdf')}`,
        'latin1',
      ),
    );
    mkdirSync(join(folder, 'image'));
    writeFileSync(
      join(folder, 'image/png.xml'),
      '<mime-type type="image/png"><comment>PNG image</comment><comment xml:lang="de">PNG-Bild</comment></mime-type>',
    );
    const own = new MimeTypes(folder);
    const of = (text: string, head = '') => own.typeOf(name(text), Buffer.from(head, 'latin1'));
    assert.deepEqual(
      [of('A.PNG'), of('Makefile'), of('b.tar.gz'), of('b.gz'), of('x5z')],
      ['image/png', 'text/x-makefile', 'application/x-gz-tar', 'application/gzip', 'x/y'],
    );
    assert.deepEqual([own.typeOfName(name('a.C')), own.typeOfName(name('a.c'))], ['text/x-c++src', undefined]);
    assert.deepEqual([of('q.amb', 'TWO'), of('q.amb', 'none')], ['a/two', 'a/one']);
    assert.deepEqual(
      [of('q', 'N123x\n'), of('q', 'N12345x\n'), of('q', 'abc'), of('q', 'Bbc'), of('q', '\0')],
      ['b/nested', 'text/plain', 'b/masked', 'text/plain', 'application/octet-stream'],
    );
    assert.equal(own.commentOf('image/png'), 'PNG image');
    assert.equal(own.commentOf('../../etc/x'), undefined);
  });

  it('survives a damaged database', (context) => {
    const folder = scratchFolder(context);
    writeFileSync(join(folder, 'globs2'), '50:image/png:*.png\nx\n::\n');
    for (const damage of [
      '',
      'MIME-Magic\0\n>0=\0\x01a\n',
      'MIME-Magic\0\n[1:a/b]\n>0=\xff\xffa\n',
      'MIME-Magic\0\n[1:a/b]\n5>0=\0\x01a\n',
      'MIME-Magic\0\n[1:a/b',
    ]) {
      writeFileSync(join(folder, 'magic'), Buffer.from(damage, 'latin1'));
      assert.equal(new MimeTypes(folder).typeOf(name('a.png'), Buffer.from('x')), 'image/png');
    }
  });
});
