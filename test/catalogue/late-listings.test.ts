import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteName } from '../../src/base/names.ts';
import { withEveryWatcher } from '../support/each-watcher.ts';
import { HeldListings, lists } from '../support/held-listings.ts';
import { assertEqualsDisk, liveCatalogue, walkCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder } from '../support/scratch.ts';

/** So many replies a thread is ahead of what is taken in before it stands still. */
const AHEAD = 3;
/** In it, events come to the catalogue. */
const EVENTS_MS = 300;
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

/** Holds what is listed from now on, but for the folder at `top`. */
function holdBelow(context: TestContext, top: string): HeldListings {
  const { ino } = fs.statSync(top, { bigint: true });
  return new HeldListings(context, (reply) => reply.task === 0 && !lists(reply, ino));
}

withEveryWatcher(
  'a folder that moves, while all is compared, from where that has not come to, to where it was already, is compared and watched',
  async (context, watcher) => {
    const { home: at, root, folders } = home(context);
    const [first, last] = [folders[0], folders.at(-1)] as [string, string];
    const [from, to] = [join(last, 'moved'), join(first, 'moved')];
    fs.mkdirSync(from);
    const before = await liveCatalogue(context, { watcher, home: at });
    await before.service.sync();
    await before.close();
    fs.writeFileSync(join(from, 'while nobody watched'), '1');

    const listings = holdBelow(context, root);
    const catalogue = await liveCatalogue(context, { watcher, home: at, service: ONE_BY_ONE });
    await listings.until(AHEAD);
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
    const before = await liveCatalogue(context, { watcher, home: at });
    await before.service.sync();
    await before.close();
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

withEveryWatcher(
  'a file that is written, in a first scan, between the listings of two of its links is known as it is',
  async (context, watcher) => {
    const { home: at, root, folders } = home(context);
    const [first, last] = [folders[0], folders.at(-1)] as [string, string];
    fs.writeFileSync(join(first, 'link'), '1');
    fs.linkSync(join(first, 'link'), join(last, 'link'));
    const listings = holdBelow(context, root);
    const catalogue = await liveCatalogue(context, { watcher, home: at, service: ONE_BY_ONE });
    await listings.until(AHEAD);
    fs.appendFileSync(join(last, 'link'), 'more');
    await sleep(EVENTS_MS);
    listings.release();
    await catalogue.service.sync();
    assertEqualsDisk(catalogue);
  },
);

withEveryWatcher(
  'a folder that is made anew, in a first scan, before it is listed is watched, and what was in it is told as deleted at most once',
  async (context, watcher) => {
    const { home: at, root, folders } = home(context);
    const last = folders.at(-1) as string;
    const listings = holdBelow(context, root);
    const catalogue = await liveCatalogue(context, { watcher, home: at, service: ONE_BY_ONE });
    await listings.until(AHEAD);
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
