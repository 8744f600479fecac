import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RefReader } from '../../src/block/ref-reader.ts';
import type { BlockRef } from '../../src/block/types.ts';
import { DirectoryReader } from '../../src/tree/directory-reader.ts';
import type { Entry, SaveReport } from '../../src/tree/types.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { shownErrors, Workbench } from './workbench.ts';

const saves = Number(process.env.VARVE_ROUND_TRIP_SAVES ?? 2);
const RECORD_BYTES = 16;

/** Fills the source by a process that goes on changing it until the test ends. */
async function changing(context: TestContext, mode: 'rewrite' | 'rewrite-large' | 'churn' | 'swap'): Promise<Workbench> {
  let stop = async () => {};
  // Before that of the workbench, which removes the folder.
  context.after(() => stop());
  const bench = new Workbench(context);
  const outside = join(bench.folder, 'outside');
  fs.mkdirSync(outside);
  fs.writeFileSync(join(outside, 'canary'), 'not to be saved');
  const script = fileURLToPath(new URL('./writer.ts', import.meta.url));
  const writer = spawn(process.execPath, [script, mode, bench.source, outside], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => writer.once('exit', resolve));
  stop = async () => {
    writer.kill('SIGKILL');
    await ended;
  };
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  return bench;
}

/** Every entry of a saved tree, by path. */
async function* entriesOf(bench: Workbench, { tree }: SaveReport): AsyncGenerator<{ path: string; entry: Entry }> {
  const reader = new DirectoryReader(bench.store);
  const pending = [{ path: '', entry: await bench.root(tree) }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    if (next.entry.kind !== 'directory') continue;
    for await (const batch of reader.entries(next.entry.content as BlockRef)) {
      for (const entry of batch) pending.push({ path: join(next.path, entry.name), entry });
    }
  }
}

async function read(bench: Workbench, entry: Entry): Promise<Buffer> {
  return Buffer.from(await new RefReader(bench.store).read(entry.content as BlockRef, 0, Number.MAX_SAFE_INTEGER));
}

/** Where a file holds something else than one generation, or one and then the rest of the one before. */
function mixture(bytes: Buffer): string | undefined {
  const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % RECORD_BYTES)));
  const generations: number[] = [];
  // The number is in the last two words of a record.
  for (let at = 0; at < words.length; at += 4) {
    if (at > 0 && words[at + 2] === words[at - 2] && words[at + 3] === words[at - 1]) continue;
    generations.push(Number(/\d+/.exec(bytes.toString('latin1', at * 4, at * 4 + RECORD_BYTES))?.[0]));
  }
  const [first, second, third] = generations;
  const isState = second === undefined || (third === undefined && first === second + 1);
  return isState ? undefined : generations.join(', ');
}

if (process.platform === 'linux') {
  for (const threads of [0, 2]) {
    test(`a file that is written meanwhile is saved as it was at one moment, or marked as torn, with ${threads} threads`, async (context) => {
      const bench = await changing(context, threads === 0 ? 'rewrite' : 'rewrite-large');
      for (let i = 0; i < saves; i++) {
        const report = await bench.save({ threads, cached: i % 2 === 0 });
        const torn = new Set<string>();
        for await (const { path, entry } of entriesOf(bench, report)) {
          if (entry.torn) torn.add(path);
          else if (entry.kind === 'file') assert.equal(mixture(await read(bench, entry)), undefined, `${path} is of one moment`);
        }
        const reported = report.errors.filter(({ code }) => code === 'TORN').map(({ path }) => path);
        assert.deepEqual(new Set(reported), torn, 'what is torn is reported');
        assert.deepEqual(report.errors.length, reported.length, 'nothing else is');
      }
    });
  }

  test('what comes and goes meanwhile is no error, and what is saved is whole', async (context) => {
    const bench = await changing(context, 'churn');
    for (let i = 0; i < saves; i++) {
      const report = await bench.save({ threads: 2 * (i % 2), cached: true });
      assert.deepEqual(
        report.errors.filter(({ code }) => code !== 'TORN' && code !== 'REPLACED'),
        [],
      );
      const target = bench.target();
      assert.deepEqual(shownErrors(await bench.restore(report.tree, target)), []);
      const again = await bench.save({ source: target });
      // What is marked as torn comes back without the mark.
      const isWhole = report.errors.every(({ code }) => code !== 'TORN');
      if (isWhole) assert.equal(again.tree, report.tree, 'what was restored is what was saved');
      fs.rmSync(target, { recursive: true });
    }
  });

  test('a folder that becomes a link, a file or a FIFO meanwhile leads nowhere and makes nobody wait', async (context) => {
    const bench = await changing(context, 'swap');
    const codes = new Set<string>();
    for (let i = 0; i < saves * 10; i++) {
      const report = await bench.save({ threads: 2 * (i % 2) });
      for (const { code } of report.errors) codes.add(code);
      for await (const { path } of entriesOf(bench, report)) assert.doesNotMatch(path, /canary/);
    }
    const known = new Set(['REPLACED', 'TORN', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ESPIPE']);
    assert.deepEqual(
      [...codes].filter((code) => !known.has(code)),
      [],
    );
  });

  test('a file of /proc, which says it is empty, is saved with its content', async (context) => {
    const bench = new Workbench(context);
    const { tree } = await bench.save({ source: '/proc/sys/kernel/random' });
    const content = new Map<string, string>();
    for await (const { path, entry } of entriesOf(bench, { tree } as SaveReport)) {
      if (entry.kind === 'file') content.set(path, (await read(bench, entry)).toString());
    }
    assert.equal(content.get('boot_id'), fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
    assert.equal(content.get('poolsize'), fs.readFileSync('/proc/sys/kernel/random/poolsize', 'utf8'));
  });

  test('a file of /sys, which says it is longer than it is, is saved with its content', async (context) => {
    const bench = new Workbench(context);
    const report = await bench.save({ source: '/sys/class/net/lo', cached: true });
    const again = await bench.save({ source: '/sys/class/net/lo', cached: true });
    assert.ok(again.readFiles > 0, 'what cannot be told from its times is read again');
    for await (const { path, entry } of entriesOf(bench, report)) {
      if (path === 'address') assert.equal((await read(bench, entry)).toString(), fs.readFileSync('/sys/class/net/lo/address', 'utf8'));
      assert.notEqual(entry.torn, true);
    }
  });

  test('a FIFO that nobody writes to is saved as what it is, at once', async (context) => {
    const bench = new Workbench(context);
    execFileSync('mkfifo', [join(bench.source, 'fifo')]);
    const { target } = await bench.roundTrip();
    assert.deepEqual(compareTrees(bench.source, target), []);
  });
}
