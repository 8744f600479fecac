import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { scratchFolder } from '../../test/support/scratch.ts';
import { until } from '../../test/support/until.ts';
import { SystemError } from '../base/errors.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import { describeError } from '../base/thread-failure.ts';
import { openForReading } from '../catalogue/database.ts';
import { rootPathsOf } from '../catalogue/figures.ts';
import { CatalogueThread } from './catalogue-thread.ts';

/** A thread over new folders of these names, which are its roots, and ends with the test. */
function threadOf(context: TestContext, names: readonly string[]) {
  const top = fs.realpathSync(scratchFolder(context));
  const roots = names.map((name) => nameFromText(join(top, name)));
  for (const root of roots) fs.mkdirSync(root, { recursive: true });
  const posted = context.mock.method(Worker.prototype, 'postMessage');
  const database = join(top, 'catalogue.db');
  const said: string[] = [];
  const thread = new CatalogueThread({
    data: {
      ...{ database, roots, own: [], store: undefined, hash: 'blake3', owners: join(top, 'owners'), watcher: 'none' },
      notify: { desktop: false, desktopUser: undefined, desktopBus: undefined, webhook: undefined, command: [] },
      history: { maxAge: undefined, maxEvents: undefined, retention: undefined },
    },
    log: { write: (_, message) => said.push(message) },
    onLost: (error) => assert.ifError(error),
  });
  context.after(() => thread.stop(10_000));
  /** Has the thread that was asked last die of that, and waits for the next one. */
  const die = async (cause: Error) => {
    const worker = posted.mock.calls.at(-1)?.this as Worker;
    const starts = said.filter((message) => message === OPEN).length;
    worker.emit('message', { kind: 'failed', failure: describeError(cause) });
    await worker.terminate();
    await until(() => said.filter((message) => message === OPEN).length > starts);
  };
  const known = () => {
    const reader = openForReading(database);
    assert.ok(reader);
    const paths = rootPathsOf(reader);
    reader.close();
    return paths;
  };
  return { thread, roots, die, known };
}

const OPEN = 'the catalogue is open';
const BUG = new Error('a bug');

test('a thread that is started again is paused as the one before it', async (context) => {
  const { thread, die } = threadOf(context, ['root']);
  await thread.ask('finish');
  await thread.pause(true);
  await die(BUG);
  assert.equal((await thread.ask('state')).isPaused, true);
  await thread.pause(false);
  await die(BUG);
  assert.equal((await thread.ask('state')).isPaused, false);
});

test('a thread that is started again watches what the catalogue knows, whatever folders were named at first', async (context) => {
  const { thread, roots, die, known } = threadOf(context, ['outer', 'outer/inner']);
  await thread.ask('finish');
  await thread.unwatch([roots[0] as ByteName]);
  await die(BUG);
  await thread.ask('state');
  assert.deepEqual(known(), []);
});

test('a full disk is over when everything was compared, be it by the service behind a removal', async (context) => {
  const { thread, roots, die } = threadOf(context, ['stays', 'goes']);
  await thread.ask('finish');
  await thread.pause(true);
  await die(new SystemError('ENOSPC', 'write'));
  assert.ok(thread.outage);
  // Paused, it has not come to its end with that.
  await thread.unwatch([roots[1] as ByteName]);
  await thread.pause(false);
  await until(() => thread.outage === undefined);
});
