/** What each command says of a damaged store, and how it ends: always in words, never as if it were a bug, and with what to do. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { canRunAsNobody, giveToNobody, runAsNobody } from '../support/nobody.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { type VarveRun, varve } from '../support/varve.ts';

const COMMANDS = {
  ls: ['ls', 'docs'],
  cat: ['cat', 'docs:/README.md'],
  restore: ['restore', 'docs', 'target'],
  verify: ['verify'],
  gc: ['gc'],
  stats: ['stats'],
  archives: ['archives'],
  save: ['save', 'docs', '--threads', '0'],
} as const;
type Command = keyof typeof COMMANDS;

interface Case {
  readonly what: string;
  readonly inflict: (store: string) => void;
  /** The exit statuses of those commands that do not end with 0. */
  readonly statuses: Partial<Record<Command, number>>;
  /** What these say on standard error. */
  readonly says: RegExp;
}

const ALL = (status: number) => Object.fromEntries(Object.keys(COMMANDS).map((command) => [command, status]));
/** Commands that need blocks. */
const READERS = { ls: 1, cat: 1, restore: 1, verify: 1, gc: 1 };

const CASES: readonly Case[] = [
  {
    what: 'its header is gone',
    inflict: (store) => fs.rmSync(join(store, 'store.json')),
    statuses: { verify: 1 },
    says: /Mend what is listed/,
  },
  {
    what: 'its header and the copy are gone',
    inflict: (store) => eachHeader(store, (file) => fs.rmSync(file)),
    statuses: ALL(1),
    says: /header .* is gone.*\nPut either back.* make a new store .*varve init/,
  },
  {
    what: 'its header and the copy are garbage',
    inflict: (store) => eachHeader(store, (file) => fs.writeFileSync(file, '{"garbage":1}\n')),
    statuses: ALL(1),
    says: /header .* is damaged.*\nPut either back/,
  },
  {
    what: 'segments are cut short',
    inflict: (store) => eachIn(join(store, 'segments'), (file) => fs.truncateSync(file, 100)),
    statuses: READERS,
    says: /is damaged.*\n(Run varve verify|To mend what is touched, save again, with --read-all)/,
  },
  {
    what: 'segments are gone',
    inflict: (store) => eachIn(join(store, 'segments'), (file) => fs.rmSync(file)),
    statuses: READERS,
    says: /(is missing|is damaged).*\n(Run varve verify|To mend what is touched, save again, with --read-all)/,
  },
  {
    what: 'an archive is garbage',
    inflict: (store) => fs.writeFileSync(join(store, 'archives/docs.varve'), Buffer.from([1, 2, 10, 255, 10])),
    statuses: { ls: 1, cat: 1, restore: 1, verify: 1, gc: 1, archives: 3 },
    says: /Mend (it|archives) with: varve archives --repair/,
  },
  {
    what: 'one line of an archive is damaged',
    inflict: (store) => {
      const file = join(store, 'archives/docs.varve');
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('files', 'fyles'));
    },
    statuses: { ls: 3, cat: 3, restore: 3, verify: 1, gc: 1, archives: 3 },
    says: /Mend (it|archives) with: varve archives --repair/,
  },
  {
    what: 'the file of an archive is gone',
    inflict: (store) => fs.rmSync(join(store, 'archives/docs.varve')),
    statuses: { ls: 1, cat: 1, restore: 1, verify: 1, gc: 1, archives: 3 },
    says: /varve archives --repair/,
  },
  {
    what: 'the folder of archives is gone',
    inflict: (store) => fs.rmSync(join(store, 'archives'), { recursive: true }),
    statuses: ALL(1),
    says: /archives is gone.*\nPut it back/,
  },
  {
    what: 'a folder stands where an archive was',
    inflict: (store) => {
      fs.rmSync(join(store, 'archives/docs.varve'));
      fs.mkdirSync(join(store, 'archives/docs.varve'));
    },
    statuses: ALL(1),
    says: /archives\/docs\.varve: is a directory.*\nSomething else stands there/,
  },
  {
    what: 'the index is garbage',
    inflict: (store) => {
      eachIn(join(store, 'index'), (file) => fs.writeFileSync(file, 'garbage'));
      fs.mkdirSync(join(store, 'index/00000000-0000-0000-0000-000000000000.run'));
    },
    statuses: {},
    says: /^$/,
  },
  { what: 'the index is gone', inflict: (store) => fs.rmSync(join(store, 'index'), { recursive: true }), statuses: {}, says: /^$/ },
  {
    what: 'a file stands where it should be',
    inflict: (store) => {
      fs.rmSync(store, { recursive: true });
      fs.writeFileSync(store, '');
    },
    statuses: ALL(1),
    says: /is not a folder\nMove away what stands there/,
  },
];

function eachIn(folder: string, change: (file: string) => void): void {
  for (const name of fs.readdirSync(folder)) change(join(folder, name));
}

function eachHeader(store: string, change: (file: string) => void): void {
  for (const name of ['store.json', 'store.copy.json']) change(join(store, name));
}

/** A folder with two revisions saved; `inflict` is done to a fresh copy of their store before each command. */
class Bench {
  readonly folder: string;
  readonly home: string;
  readonly #template: string;

  constructor(context: TestContext) {
    this.folder = scratchFolder(context);
    this.home = join(this.folder, 'home');
    this.#template = join(this.folder, 'template');
    fs.mkdirSync(join(this.folder, 'docs'));
    for (const text of ['hello\n', 'hello again\n']) {
      fs.writeFileSync(join(this.folder, 'docs/README.md'), text.repeat(5000));
      assert.equal(varve(this.home, COMMANDS.save, { cwd: this.folder }).status, 0);
    }
    fs.renameSync(this.home, this.#template);
  }

  damage(inflict: Case['inflict']): void {
    fs.rmSync(join(this.folder, 'target'), { recursive: true, force: true });
    fs.rmSync(this.home, { recursive: true, force: true });
    fs.cpSync(this.#template, this.home, { recursive: true });
    inflict(join(this.home, 'store'));
  }
}

function checkTelling({ status, stderr }: VarveRun, { statuses, says }: Case, command: Command): void {
  assert.equal(status, statuses[command] ?? 0, stderr);
  assert.doesNotMatch(stderr, /bug in varve|unexpected:|^ +at /m);
  if (status !== 0) assert.match(stderr, says);
}

describe('a store is damaged:', () => {
  for (const each of CASES) {
    test(each.what, (context) => {
      const bench = new Bench(context);
      for (const [command, args] of Object.entries(COMMANDS)) {
        bench.damage(each.inflict);
        checkTelling(varve(bench.home, args, { cwd: bench.folder }), each, command as Command);
      }
    });
  }

  for (const part of ['store.json', 'segments', 'archives'])
    test(`${part} may not be read`, (context) => {
      const bench = new Bench(context);
      if (skipUnless(context, canRunAsNobody(bench.folder), 'only root can take the rights of another user')) return;
      giveToNobody(bench.folder);
      for (const command of ['restore', 'gc', 'save'] as const) {
        bench.damage((store) => {
          giveToNobody('-R', bench.home);
          execFileSync('chown', ['-R', '0:0', join(store, part)]);
        });
        const { status, stderr } = runAsNobody(bench.home, bench.folder, COMMANDS[command]);
        assert.equal(status, 1, stderr);
        assert.match(stderr, /^varve: .*permission denied \(EACCES\)\nCheck who may read and write there\.\n$/);
      }
    });

  test('what is said of a store without its header helps', (context) => {
    const bench = new Bench(context);
    bench.damage((store) => eachHeader(store, (file) => fs.rmSync(file)));
    const elsewhere = join(bench.folder, 'elsewhere');
    assert.equal(varve(bench.home, ['init', elsewhere]).status, 0);
    for (const folder of ['segments', 'archives'])
      fs.cpSync(join(bench.home, 'store', folder), join(elsewhere, folder), { recursive: true });
    assert.equal(varve(bench.home, ['verify', '--store', elsewhere]).status, 0);
    assert.equal(varve(bench.home, ['cat', 'docs@~1:/README.md', '--store', elsewhere]).stdout, 'hello\n'.repeat(5000));
  });
});
