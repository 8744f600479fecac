import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { defaultFile } from './default-file.ts';
import { editConfigFile, makeConfigFile } from './edit-file.ts';
import { setInText, unsetInText } from './edit-text.ts';
import { ConfigError } from './errors.ts';
import { toToml } from './to-toml.ts';

/** Plain objects, which the parser's are not. */
function parse(text: string) {
  return JSON.parse(JSON.stringify(parseToml(text)));
}

describe('setting a key in a TOML text', () => {
  it('changes the value where it stands and keeps the comment after it', () => {
    assert.equal(setInText('[save] # s\n  threads=1 # few\nx = 2\n', 'save.threads', '4'), '[save] # s\n  threads= 4 # few\nx = 2\n');
  });

  it('replaces a list of several lines', () => {
    assert.equal(setInText('a = [ # one ]\n  "]",\n  """x\n]""",\n] # end\nb = 1\n', 'a', '[]'), 'a = [] # end\nb = 1\n');
  });

  it('adds a key below its commented-out line', () => {
    assert.equal(
      setInText('[save]\n# Workers.\n# threads = 4\n\n[hash]\n', 'save.threads', '2'),
      '[save]\n# Workers.\n# threads = 4\nthreads = 2\n\n[hash]\n',
    );
  });

  it('adds a key at the end of its table', () => {
    assert.equal(setInText('[a]\nx = 1\n\n# of b\n[b]\n', 'a.y', '2'), '[a]\nx = 1\ny = 2\n\n# of b\n[b]\n');
  });

  it('adds a table at the end when there is none', () => {
    assert.equal(setInText('[a]\nx = 1', 'stores.b.path', '"/b"'), '[a]\nx = 1\n\n[stores.b]\npath = "/b"\n');
  });

  it('adds a key of no table before the first one', () => {
    assert.equal(setInText('# head\n\n# of a\n[a]\n', 'store', '"x"'), '# head\n\nstore = "x"\n# of a\n[a]\n');
  });

  it('does not take an inline table apart', () => {
    assert.throws(() => setInText('save = { threads = 1 }\n', 'save.threads', '2'), ConfigError);
  });

  it('finds dotted and quoted keys', () => {
    assert.equal(setInText('save."threads" = 1\n', 'save.threads', '2'), 'save."threads" = 2\n');
  });

  it('is undone by taking the key out', () => {
    const text = '[a]\nx = 1\n[b]\n';
    assert.equal(unsetInText(setInText(text, 'a.y', '2'), 'a.y'), text);
  });

  it('takes a table out with its last key, as if it had never been there', () => {
    for (const text of ['', '[a]\nx = 1\n', '# head\n\n[a]\n# y = 2\n']) {
      assert.equal(unsetInText(setInText(text, 'stores.b.path', '"/b"'), 'stores.b.path'), text);
    }
    assert.equal(unsetInText('[a]\nx = 1\n\n[b]\ny = [\n1]\n\n# of c\n[c]\n', 'b.y'), '[a]\nx = 1\n\n# of c\n[c]\n');
  });

  it('leaves a table in which another key or a comment stands', () => {
    for (const rest of ['[b]\nz = 1\n', '[b] # why\n', '[b]\n# z = 1\n', '[b]\n# z = 1\n[c]\n', '[b]\n\n# z = 1\n\n[c]\n']) {
      assert.equal(unsetInText(rest.replace('\n', '\ny = 1\n'), 'b.y'), rest);
    }
  });

  it('makes the parser see the new value and every other as before, whatever the values', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string()),
    );
    const property = fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), fc.nat(), value, (values, which, changed) => {
      const text = `[t]\n${values.map((each, i) => `k${i} = ${toToml(each)} # note ${i}\n`).join('')}[u]\nz = 1\n`;
      const key = `k${which % values.length}`;
      const expected = { t: Object.fromEntries(values.map((each, i) => [`k${i}`, each])), u: { z: 1 } };
      expected.t[key] = changed;
      const edited = setInText(text, `t.${key}`, toToml(changed));
      assert.deepEqual(parse(edited), JSON.parse(JSON.stringify(expected)));
      assert.equal(edited.split('# note').length, text.split('# note').length);
    });
    fc.assert(property, { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 300) });
  });
});

describe('editing config.toml', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'varve-config-'));
    file = join(folder, 'config.toml');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes the file from the default one', () => {
    editConfigFile(file, 'save.threads', '3');
    assert.deepEqual(parse(readFileSync(file, 'utf8')), {
      hash: {},
      history: {},
      describe: {},
      notify: {},
      save: { threads: 3 },
      stores: { default: {} },
    });
    assert.ok(readFileSync(file, 'utf8').startsWith('# Settings'));
    assert.deepEqual(readdirSync(folder), ['config.toml']);
  });

  it('writes lists that were given with commas', () => {
    editConfigFile(file, 'save.excludes', '*.tmp, "q"');
    assert.deepEqual(parse(readFileSync(file, 'utf8')).save, { excludes: ['*.tmp', '"q"'] });
  });

  it('refuses a value that does not fit, and leaves the file alone', () => {
    writeFileSync(file, '# mine\n');
    assert.throws(() => editConfigFile(file, 'save.threads', 'many'), /save\.threads: must be a whole number/);
    assert.throws(() => editConfigFile(file, 'save.speed', '1'), /no such setting/);
    assert.equal(readFileSync(file, 'utf8'), '# mine\n');
  });

  it('writes through a symbolic link', { skip: process.platform === 'win32' && 'links need rights on Windows' }, () => {
    writeFileSync(join(folder, 'real.toml'), '');
    symlinkSync('real.toml', file);
    editConfigFile(file, 'store', '/s');
    assert.ok(lstatSync(file).isSymbolicLink());
    assert.equal(readFileSync(join(folder, 'real.toml'), 'utf8'), 'store = "/s"\n');
  });

  it('makes a first file once', () => {
    assert.equal(makeConfigFile(file), true);
    assert.equal(makeConfigFile(file), false);
    assert.equal(readFileSync(file, 'utf8'), defaultFile());
  });
});
