import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteName } from '../../src/base/names.ts';
import type { WatcherKind } from '../../src/sys/watch/types.ts';
import { withEachWatcher, withEveryWatcher } from '../support/each-watcher.ts';
import { HeldListings, holdEvents, lists } from '../support/held-messages.ts';
import { assertEqualsDisk, type LiveCatalogue, liveCatalogue, walkCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder } from '../support/scratch.ts';

/** So many replies a thread is ahead of what is taken in before it stands still. */
const AHEAD = 3;
/** In it, events come to the catalogue. */
const EVENTS_MS = 300;
/** A program that moves a folder to and fro does so every so often; and nothing of what is waited for takes so long. */
const MOVES_MS = 10;
const LATE_MS = 40_000;
/** Every directory in a batch of its own. */
const ONE_BY_ONE = { scanBatchBytes: 1 };

/** A home with a root of eight folders, named in the order in which a scan comes to them. */
function home(context: TestContext): { readonly home: string; readonly root: string; readonly folders: readonly string[] } {
  const home = fs.realpathSync(scratchFolder(context));
  const root = join(home, 'root');
  for (let i = 0; i < 8; i++) fs.mkdirSync(join(root, `d${i}`), { recursive: true });
  using opened = fs.opendirSync(root);
  const folders: string[] = [];
  for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) folders.push(join(root, entry.name));
  return { home, root, folders };
}

/** A catalogue that has listed the root, and stands still below it. */
async function halted(
  context: TestContext,
  watcher: WatcherKind,
  home: string,
  root: string,
): Promise<{ readonly listings: HeldListings; readonly catalogue: LiveCatalogue }> {
  const { ino } = fs.statSync(root, { bigint: true });
  const listings = new HeldListings(context, (reply) => reply.task === 0 && !lists(reply, ino));
  const catalogue = await liveCatalogue(context, { watcher, home, service: ONE_BY_ONE });
  await listings.until(AHEAD);
  return { listings, catalogue };
}

/** Has all of a home known to a catalogue, which is closed again. */
async function watchOnce(context: TestContext, home: string, watcher?: WatcherKind): Promise<void> {
  const catalogue = await liveCatalogue(context, { home, ...(watcher !== undefined && { watcher }) });
  await catalogue.service.sync();
  await catalogue.close();
}

withEveryWatcher(
  'a folder that moves, while all is compared, from where that has not come to, to where it was already, is compared and watched',
  async (context, watcher) => {
    const { home: at, root, folders } = home(context);
    const [first, last] = [folders[0], folders.at(-1)] as [string, string];
    const [from, to] = [join(last, 'moved'), join(first, 'moved')];
    fs.mkdirSync(from);
    await watchOnce(context, at, watcher);
    fs.writeFileSync(join(from, 'while nobody watched'), '1');

    const { listings, catalogue } = await halted(context, watcher, at, root);
    fs.renameSync(from, to);
    await sleep(EVENTS_MS);
    listings.release();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
    fs.writeFileSync(join(to, 'later'), '1');
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
  },
);

withEveryWatcher(
  'a folder that was away, while the one above was listed, and has come back is compared and watched',
  async (context, watcher) => {
    const { home: at, folders } = home(context);
    const last = folders.at(-1) as string;
    const [folder, away] = [join(last, 'away'), join(at, 'outside', 'away')];
    fs.mkdirSync(folder);
    await watchOnce(context, at, watcher);
    fs.writeFileSync(join(folder, 'while nobody watched'), '1');
    fs.renameSync(folder, away);

    const above = fs.statSync(last, { bigint: true }).ino;
    const listings = new HeldListings(context, (reply) => lists(reply, above));
    const catalogue = await liveCatalogue(context, { watcher, home: at, service: ONE_BY_ONE });
    await listings.until(1);
    fs.renameSync(away, folder);
    await sleep(EVENTS_MS);
    listings.release();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
    fs.writeFileSync(join(folder, 'later'), '1');
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
  },
);

/** What becomes of a file between the listings of its folder and of that of its second link; and whether that is there before. */
const CHANGES: readonly { readonly what: string; readonly wasLinked: boolean; readonly change: (file: string, link: string) => void }[] = [
  { what: 'is written through the other', wasLinked: true, change: (_, link) => fs.appendFileSync(link, 'more') },
  { what: 'gets another', wasLinked: false, change: fs.linkSync },
  {
    what: 'gets another and is written through that',
    wasLinked: false,
    change: (file, link) => {
      fs.linkSync(file, link);
      fs.appendFileSync(link, 'more');
    },
  },
  { what: 'loses the other', wasLinked: true, change: (_, link) => fs.unlinkSync(link) },
];
for (const { what, wasLinked, change } of CHANGES)
  withEveryWatcher(`a file that ${what} behind the listing of one link, in a first scan, is known as it is`, async (context, watcher) => {
    const { home: at, root, folders } = home(context);
    const [file, link] = [join(folders[0] as string, 'file'), join(folders.at(-1) as string, 'link')];
    fs.writeFileSync(file, '1');
    if (wasLinked) fs.linkSync(file, link);
    const { listings, catalogue } = await halted(context, watcher, at, root);
    change(file, link);
    await sleep(EVENTS_MS);
    listings.release();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
  });

withEachWatcher(
  'the same where the folder of the other link was looked at before it was listed, and the link is told of later',
  async (context, watcher) => {
    const { home: at, root, folders } = home(context);
    const last = folders.at(-1) as string;
    const [file, link, written] = [join(folders[0] as string, 'file'), join(last, 'link'), join(last, 'written')];
    for (const path of [file, written]) fs.writeFileSync(path, '');
    const { listings, catalogue } = await halted(context, watcher, at, root);
    fs.appendFileSync(written, 'more');
    await sleep(EVENTS_MS);
    const releaseEvents = holdEvents(context);
    fs.linkSync(file, link);
    listings.release();
    await sleep(EVENTS_MS);
    releaseEvents();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
  },
);

withEveryWatcher(
  'a folder that is made anew, in a first scan, before it is listed is watched, and what was in it is told as deleted at most once',
  async (context, watcher) => {
    const { home: at, root, folders } = home(context);
    const last = folders.at(-1) as string;
    const { listings, catalogue } = await halted(context, watcher, at, root);
    // With the same inode, as a rule.
    fs.rmdirSync(last);
    fs.mkdirSync(join(last, 'sub'), { recursive: true });
    fs.writeFileSync(join(last, 'file'), '1');
    await sleep(EVENTS_MS);
    const { ino } = fs.statSync(last, { bigint: true });
    listings.release((reply) => reply.task === 0 && lists(reply, ino));
    await listings.until(1);
    await sleep(EVENTS_MS);
    listings.release();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
    const deleted = catalogue.reader.prepare('SELECT count(*) AS count FROM event WHERE kind = 4').get()?.count as number;
    assert.ok(deleted <= 1, `${deleted} were told as deleted`);
    fs.writeFileSync(join(last, 'later'), '1');
    fs.writeFileSync(join(last, 'sub', 'later'), '1');
    await catalogue.service.sync();
    assert.ok(walkCatalogue(catalogue.reader).has(`${last.slice(root.length + 1)}/sub/later` as ByteName));
    assertEqualsDisk(catalogue);
  },
);

withEachWatcher(
  'no gap closes before what moved during the comparison is compared, however late that is told',
  async (context, watcher) => {
    const home = fs.realpathSync(scratchFolder(context));
    const root = join(home, 'root');
    const deep = join(root, '1/2/3/4/5/6');
    fs.mkdirSync(deep, { recursive: true });
    const before = await liveCatalogue(context, { watcher, home });
    await before.service.sync();
    await before.close();
    fs.writeFileSync(join(deep, 'while nobody watched'), '1');

    const releaseEvents = holdEvents(context);
    const listings = new HeldListings(context, () => true);
    const catalogue = await liveCatalogue(context, { watcher, home, service: ONE_BY_ONE });
    await listings.until(AHEAD);
    fs.renameSync(join(root, '1'), join(root, 'moved'));
    listings.release();
    await sleep(EVENTS_MS);
    const { reader } = catalogue;
    const isClosed = reader.prepare('SELECT 1 FROM gap WHERE closed IS NULL').get() === undefined;
    const isKnown = reader.prepare("SELECT 1 FROM node WHERE name = CAST('while nobody watched' AS BLOB)").get() !== undefined;
    assert.ok(isKnown || !isClosed);
    releaseEvents();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
  },
);

test('a gap closes while a large folder moves to and fro all the time', async (context) => {
  const home = fs.realpathSync(scratchFolder(context));
  const root = join(home, 'root');
  const places = ['a', 'b'].map((name) => join(root, name, 'moving')) as [string, string];
  for (const folder of ['b', 'files']) fs.mkdirSync(join(root, folder), { recursive: true });
  for (let folder = 0; folder < 100; folder++) {
    fs.mkdirSync(join(places[0], `${folder}`), { recursive: true });
    for (let file = 0; file < 60; file++) fs.writeFileSync(join(places[0], `${folder}`, `${file}`), '');
  }
  await watchOnce(context, home);

  const moving = async (signal: AbortSignal) => {
    for (let number = 0; !signal.aborted; number++) {
      fs.renameSync(places[number % 2] as string, places[(number + 1) % 2] as string);
      fs.writeFileSync(join(root, 'files', `${number}`), '');
      if (number > 2) fs.unlinkSync(join(root, 'files', `${number - 3}`));
      await sleep(MOVES_MS);
    }
  };
  const stop = new AbortController();
  const moved = moving(stop.signal);
  const catalogue = await liveCatalogue(context, { home });
  const open = catalogue.reader.prepare('SELECT 1 FROM gap WHERE closed IS NULL');
  const isOpen = await untilOrLate(() => open.get() === undefined);
  stop.abort();
  await moved;
  assert.ok(!isOpen, `the gap is open after ${catalogue.service.engine.scanned} entries were compared`);
  await catalogue.service.sync();
  assertEqualsDisk(catalogue);
});

/** Whether it is late and `isDone` is not true yet. */
async function untilOrLate(isDone: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < LATE_MS; waitedMs += EVENTS_MS) {
    if (isDone()) return false;
    await sleep(EVENTS_MS);
  }
  return true;
}
