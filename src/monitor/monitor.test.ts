/** The monitor with each source of events and by polling, on a real disk. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Monitored } from '../../test/support/monitored.ts';
import { Playground } from '../../test/support/playground.ts';
import { campaignRandom } from '../../test/support/random.ts';
import { scratchFolder } from '../../test/support/scratch.ts';
import { WATCHER_KINDS } from '../sys/watch/kinds.ts';
import { type Change, type MonitorOptions, monitor } from './index.ts';

type Source = NonNullable<MonitorOptions['source']>;
const SOURCES: readonly Source[] = [...WATCHER_KINDS, 'polling'];
/** Operations on each source. */
const OPERATIONS = Number(process.env.VARVE_OPERATIONS ?? 1500);
/** Polling only when somebody asks, by `sync`. */
const NEVER_MS = 10_000_000;

function withEachSource(sentence: string, body: (context: TestContext, source: Source, top: string) => Promise<void>): void {
  if (process.platform !== 'linux') return;
  for (const source of SOURCES)
    test(`${sentence} (${source})`, async (context) => {
      const top = join(fs.realpathSync(scratchFolder(context)), 'top');
      fs.mkdirSync(top);
      await body(context, source, top);
    });
}

withEachSource('after any operations, the changes lead from the first pass to what is there', async (context, source, root) => {
  const random = campaignRandom(context);
  const outside = join(root, '../outside');
  fs.mkdirSync(outside);
  const folder = new Playground({ root, outside }, random);
  for (let i = 0; i < 100; i++) folder.operate();
  const { monitor, replay, ended } = new Monitored(context, root, { source, intervalMs: NEVER_MS });
  assert.equal(monitor.source, source);
  for (let done = 0; done < OPERATIONS; ) {
    await Promise.race([monitor.sync(), ended]);
    replay.assertEquals(root, folder.linked);
    const count = 1 + random.below(100);
    for (let i = 0; i < count; i++) folder.operate();
    done += count;
  }
  await Promise.race([monitor.sync(), ended]);
  replay.assertEquals(root, folder.linked);
});

withEachSource('the first pass tells what is there, and what follows is told as change', async (_, source, top) => {
  fs.mkdirSync(join(top, 'folder'));
  fs.writeFileSync(join(top, 'folder/file'), 'content');
  await using changes = monitor(top, { source, intervalMs: 20 });
  const first = [await changes.next(), await changes.next()].map(({ value }) => value as Change);
  assert.deepEqual(
    first.map(({ path, old, new: now, isFirst }) => [path, old, now?.kind, now?.size, isFirst]),
    [
      ['folder', undefined, 'directory', first[0]?.new?.size, true],
      ['folder/file', undefined, 'file', 7, true],
    ],
  );
  const next = changes.next();
  fs.appendFileSync(join(top, 'folder/file'), ', and more');
  const { path, old, new: now, isFirst } = (await next).value as Change;
  assert.deepEqual([path, old, isFirst], ['folder/file', first[1]?.new, false]);
  assert.ok((now?.size as number) > 7);
});

withEachSource('moves are told as moves, of directories with what is in them', async (context, source, top) => {
  fs.mkdirSync(join(top, 'a/b'), { recursive: true });
  fs.writeFileSync(join(top, 'a/b/file'), 'content');
  fs.writeFileSync(join(top, 'old'), 'content');
  const monitored = new Monitored(context, top, { source, intervalMs: NEVER_MS });
  await monitored.told();
  fs.renameSync(join(top, 'a'), join(top, 'z'));
  assert.deepEqual(await monitored.told(), ['a → z']);
  fs.renameSync(join(top, 'z/b/file'), join(top, 'old'));
  assert.deepEqual(await monitored.told(), ['z/b/file → old']);
  monitored.replay.assertEquals(top);
});

withEachSource(
  'a directory that has left and come back before anybody looked is watched on, with all below',
  async (context, source, top) => {
    fs.mkdirSync(join(top, 'a/b'), { recursive: true });
    const monitored = new Monitored(context, top, { source, intervalMs: NEVER_MS });
    await monitored.told();
    fs.renameSync(join(top, 'a'), join(top, 'z'));
    // The monitor runs in this thread, whoever watches for it in another one.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    fs.renameSync(join(top, 'z'), join(top, 'a'));
    await monitored.told();
    fs.writeFileSync(join(top, 'a/b/file'), '');
    assert.ok((await monitored.told()).includes('+ a/b/file'));
    monitored.replay.assertEquals(top);
  },
);

withEachSource('what is deleted is told from below, what is new from above', async (context, source, top) => {
  const monitored = new Monitored(context, top, { source, intervalMs: NEVER_MS });
  await monitored.told();
  fs.mkdirSync(join(top, 'a/b'), { recursive: true });
  fs.writeFileSync(join(top, 'a/b/file'), '');
  assert.deepEqual(await monitored.told(), ['+ a', '+ a/b', '+ a/b/file']);
  fs.rmSync(join(top, 'a'), { recursive: true });
  assert.deepEqual(await monitored.told(), ['- a/b/file', '- a/b', '- a']);
});

withEachSource('a file that takes the place of a directory is told behind what was in that', async (context, source, top) => {
  fs.mkdirSync(join(top, 'a'));
  fs.writeFileSync(join(top, 'a/file'), '');
  const monitored = new Monitored(context, top, { source, intervalMs: NEVER_MS });
  await monitored.told();
  fs.rmSync(join(top, 'a'), { recursive: true });
  fs.writeFileSync(join(top, 'a'), 'a file by now');
  const told = await monitored.told();
  assert.deepEqual(told.at(0), '- a/file');
  monitored.replay.assertEquals(top);
});

withEachSource('a change through one hard link is told of the other', async (context, source, top) => {
  fs.writeFileSync(join(top, 'a'), '');
  fs.linkSync(join(top, 'a'), join(top, 'b'));
  const monitored = new Monitored(context, top, { source, intervalMs: NEVER_MS });
  await monitored.told();
  fs.appendFileSync(join(top, 'b'), 'more');
  assert.deepEqual((await monitored.told()).toSorted(), ['M a', 'M b']);
  fs.rmSync(join(top, 'a'));
  assert.deepEqual((await monitored.told()).toSorted(), ['- a', 'M b']);
  monitored.replay.assertEquals(top);
});

withEachSource('who does not ask is told later, and of each file once', async (_, source, top) => {
  await using changes = monitor(top, { source, intervalMs: 20 });
  const next = changes.next();
  fs.writeFileSync(join(top, 'a'), '');
  assert.equal(((await next).value as Change).path, 'a');
  for (let i = 0; i < 50; i++) fs.appendFileSync(join(top, 'a'), 'more');
  fs.writeFileSync(join(top, 'b'), '');
  const told: Change[] = [];
  while (!told.some(({ path }) => path === 'b')) told.push((await changes.next()).value as Change);
  assert.ok(told.length <= 3, `${told.map(({ path }) => path)}`);
});

withEachSource('names that are no text are told exactly', async (_, source, top) => {
  fs.writeFileSync(Buffer.from(`${top}/\xff`, 'latin1'), '');
  await using changes = monitor(top, { source });
  const { path, pathBytes } = (await changes.next()).value as Change;
  assert.deepEqual([path, Buffer.from(pathBytes).toString('latin1')], ['\ufffd', '\xff']);
});

withEachSource('a signal ends it with its reason, and a break quietly', async (_, source, top) => {
  fs.writeFileSync(join(top, 'a'), '');
  const controller = new AbortController();
  const changes = monitor(top, { source, signal: controller.signal });
  await changes.next();
  const ends = [assert.rejects(changes.next(), { message: 'enough' }), assert.rejects(changes.sync(), { code: 'MONITOR_CLOSED' })];
  controller.abort(new Error('enough'));
  await Promise.all(ends);
  assert.deepEqual(await changes.next(), { done: true, value: undefined });
  assert.throws(() => monitor(top, { source, signal: controller.signal }), { message: 'enough' });
  for await (const { path } of monitor(top, { source })) {
    assert.equal(path, 'a');
    break;
  }
});

withEachSource('closing ends whoever waits for the next change', async (_, source, top) => {
  const changes = monitor(top, { source });
  const next = changes.next();
  await changes.close();
  await changes.close();
  assert.deepEqual(await next, { done: true, value: undefined });
  await assert.rejects(changes.sync(), { code: 'MONITOR_CLOSED' });
});

withEachSource('a top that is moved away ends it, and nothing is told as deleted', async (context, source, top) => {
  fs.writeFileSync(join(top, 'a'), '');
  const { monitor, ended, replay } = new Monitored(context, top, { source });
  await monitor.sync();
  fs.renameSync(top, `${top}-moved`);
  await assert.rejects(ended, { code: 'TOP_GONE' });
  assert.equal(replay.states.size, 1);
});

test('where nothing is to be monitored, it says so', (context) => {
  const top = scratchFolder(context);
  assert.throws(() => monitor(join(top, 'nothing')), { code: 'ENOENT' });
});

test('the best source there is is chosen', async (context) => {
  if (process.platform !== 'linux') return;
  await using changes = monitor(scratchFolder(context));
  assert.ok(['fanotify', 'fanotify-marks', 'inotify'].includes(changes.source));
});
