import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import type { VarveError } from '../../base/errors.ts';
import { command } from './command.ts';
import { desktop } from './desktop.ts';
import { ChannelError } from './errors.ts';
import { merge, Tally } from './merge.ts';
import { Notifier } from './notifier.ts';
import { bodyOf, titleOf } from './text.ts';
import type { Channel, FlaggedChange, Notification } from './types.ts';
import { webhook } from './webhook.ts';

function change(i: number, parts: Partial<FlaggedChange> = {}): FlaggedChange {
  return { kind: 'modified', path: `/etc/${i}`, owner: 'configuration', by: undefined, time: BigInt(i) * 1_000_000n, ...parts };
}

function notificationOf(...changes: FlaggedChange[]): Notification {
  const tally = new Tally();
  for (const one of changes) tally.add(one);
  return tally.notification('here');
}

/** A server that answers by `answer` and collects what was posted. */
async function server(context: TestContext, answer: (response: ServerResponse, count: number) => void) {
  const posted: Notification[] = [];
  const listening = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    posted.push(JSON.parse(body));
    answer(response, posted.length);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return { posted, url: new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}/secret-token`) };
}

function failing(): { failures: [Notification, VarveError][]; onFailure: (notification: Notification, error: VarveError) => void } {
  const failures: [Notification, VarveError][] = [];
  return { failures, onFailure: (notification, error) => failures.push([notification, error]) };
}

const QUICK = { quietMs: 5, firstWaitMs: 1 };
const never = new AbortController().signal;

describe('a notifier', () => {
  it('makes one notification with counts of ten thousand changes', async (context) => {
    const { posted, url } = await server(context, (response) => response.end());
    const { failures, onFailure } = failing();
    const notifier = new Notifier([webhook(url)], { onFailure });
    for (let i = 0; i < 10_000; i++) notifier.note(change(i, i % 2 === 0 ? {} : { kind: 'deleted', owner: 'mail' }));
    await notifier.close(5000);
    assert.equal(posted.length, 1);
    const { changes, kinds, owners, examples, from, to } = posted[0]!;
    assert.deepEqual([changes, kinds, owners], [10_000, { modified: 5000, deleted: 5000 }, { configuration: 5000, mail: 5000 }]);
    assert.equal(examples.length, 10);
    assert.deepEqual([from, to], ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:09.999Z']);
    assert.deepEqual(failures, []);
  });

  it('sends by itself when nothing more comes, and in the middle of a burst that does not end', async () => {
    const sent: Notification[] = [];
    const arrivals: (() => void)[] = [];
    const channel: Channel = {
      name: 'test',
      send: async (notification) => {
        sent.push(notification);
        arrivals.shift()?.();
      },
    };
    const arrival = () => new Promise<void>((resolve) => arrivals.push(resolve));
    const notifier = new Notifier([channel], { ...failing(), quietMs: 20, maxDelayMs: 60 });
    const first = arrival();
    notifier.note(change(1));
    await first;
    assert.equal(sent[0]?.changes, 1);
    const second = arrival();
    const burst = setInterval(() => notifier.note(change(2)), 2);
    await second;
    clearInterval(burst);
    await notifier.close(1000);
    assert.ok((sent[1]?.changes ?? 0) > 1);
  });

  it('tries again after a failure, and merges what came meanwhile', async (context) => {
    const { posted, url } = await server(context, (response, count) => {
      if (count === 1) for (let i = 0; i < 3; i++) flushed(i);
      response.writeHead(count < 3 ? 503 : 200).end();
    });
    const { failures, onFailure } = failing();
    const notifier = new Notifier([webhook(url)], { ...QUICK, onFailure });
    const flushed = (i: number) => {
      notifier.note(change(i));
      notifier.flush();
    };
    flushed(9);
    await notifier.close(5000);
    assert.deepEqual(
      posted.map(({ changes }) => changes),
      [1, 1, 1, 3],
    );
    assert.deepEqual(failures, []);
  });

  it('gives up at once what can never succeed, and after some attempts what does not', async (context) => {
    const refusing = await server(context, (response) => response.writeHead(404).end());
    const broken = await server(context, (response) => response.writeHead(500).end());
    const { failures, onFailure } = failing();
    const notifier = new Notifier([webhook(refusing.url), webhook(broken.url)], { ...QUICK, attempts: 3, onFailure });
    notifier.note(change(1));
    await notifier.close(5000);
    assert.deepEqual([refusing.posted.length, broken.posted.length], [1, 3]);
    assert.deepEqual(
      failures.map(([{ changes }, { message }]) => [changes, /answered \d+/.exec(message)?.[0]]),
      [
        [1, 'answered 404'],
        [1, 'answered 500'],
      ],
    );
    for (const [, error] of failures) assert.ok(!error.message.includes('secret-token'));
  });

  it('ends in time however long a channel takes', async (context) => {
    const { url } = await server(context, () => {});
    const { failures, onFailure } = failing();
    const notifier = new Notifier([webhook(url), command(['sleep', '60'])], { ...QUICK, onFailure });
    notifier.note(change(1));
    await notifier.close(50);
    assert.deepEqual(
      failures.map(([, { code }]) => code),
      ['STOPPED', 'STOPPED'],
    );
  });
});

describe('merging notifications', () => {
  it('is as if all had been gathered at once, but for what is bounded', () => {
    const [a, b] = [change(5), change(2, { kind: 'created', owner: 'mail', by: 'cp' })];
    const merged = merge(notificationOf(a), notificationOf(b));
    assert.deepEqual(merged, notificationOf(a, b));
    const many = Array.from({ length: 300 }, (_, i) => change(i, { owner: `o${i}` }));
    const { owners } = merge(notificationOf(...many.slice(0, 150)), notificationOf(...many.slice(150)));
    assert.equal(Object.keys(owners).length, 101);
    assert.equal(
      Object.values(owners).reduce((sum, count) => sum + count, 0),
      300,
    );
  });
});

describe('a webhook', () => {
  it('tells how long the other side wants to be left alone', async (context) => {
    const { url } = await server(context, (response) => response.writeHead(429, { 'retry-after': '7' }).end());
    await assert.rejects(webhook(url).send(notificationOf(change(1)), never), (error) => {
      assert.ok(error instanceof ChannelError);
      assert.deepEqual([error.isLasting, error.waitMs], [false, 7000]);
      return true;
    });
  });

  it('waits no longer than it may, and follows nobody elsewhere', async (context) => {
    const silent = await server(context, () => {});
    await assert.rejects(webhook(silent.url, 30).send(notificationOf(change(1)), never), /no answer within 0.03 s/);
    const moved = await server(context, (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    await assert.rejects(webhook(moved.url).send(notificationOf(change(1)), never), /answered 302/);
    await assert.rejects(webhook(new URL('http://127.0.0.1:1/')).send(notificationOf(change(1)), never), ChannelError);
  });
});

describe('a command', () => {
  it('gets the notification as JSON, and a line about it', async (context) => {
    const file = join(scratchFolder(context), 'got');
    await command(['sh', '-c', 'cat > "$1"; printf %s "$VARVE_NOTIFICATION" > "$1.line"', 'sh', file]).send(
      notificationOf(change(1)),
      never,
    );
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), notificationOf(change(1)));
    assert.equal(readFileSync(`${file}.line`, 'utf8'), '1 change: 1 modified');
  });

  it('fails with what it complains about', async () => {
    await assert.rejects(
      command(['sh', '-c', 'echo no mail >&2; exit 3']).send(notificationOf(change(1)), never),
      /command sh: ended with status 3: no mail/,
    );
    await assert.rejects(command(['/nowhere/program']).send(notificationOf(change(1)), never), (error) => {
      assert.ok(error instanceof ChannelError && error.isLasting);
      return true;
    });
    await assert.rejects(
      command(['true', 'x'.repeat(1_000_000)]).send(notificationOf(change(1)), never),
      /command true: cannot be started: E2BIG/,
    );
    await command(['true']).send(notificationOf(...Array.from({ length: 9 }, (_, i) => change(i, { path: 'x'.repeat(100_000) }))), never);
  });

  it('is ended with all that it has started when it takes too long', async (context) => {
    const file = join(scratchFolder(context), 'pid');
    await assert.rejects(
      command(['sh', '-c', 'sleep 60 & echo $! > "$1"; wait', 'sh', file], 200).send(notificationOf(change(1)), never),
      /not done within 0.2 s/,
    );
    const state = () =>
      existsSync(`/proc/${readFileSync(file, 'utf8').trim()}/stat`)
        ? readFileSync(`/proc/${readFileSync(file, 'utf8').trim()}/stat`, 'utf8').split(' ')[2]
        : 'gone';
    while (!['gone', 'Z'].includes(state() as string)) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('a desktop', () => {
  it('is told by notify-send, on the bus of its session, names taken as they are', async (context) => {
    const folder = scratchFolder(context);
    mkdirSync(join(folder, 'bin'));
    const program = join(folder, 'bin/notify-send');
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$DBUS_SESSION_BUS_ADDRESS" "$@" > ${folder}/got\n`);
    chmodSync(program, 0o755);
    const path = process.env.PATH;
    process.env.PATH = `${folder}/bin:${path}`;
    context.after(() => {
      process.env.PATH = path;
    });
    await desktop({ bus: 'unix:path=/x' }).send(notificationOf(change(1, { kind: 'rotted', path: '/<b>&' })), never);
    assert.deepEqual(readFileSync(join(folder, 'got'), 'utf8').split('\n').slice(0, -1), [
      'unix:path=/x',
      ...['--app-name=Varve', '--urgency=critical', '--'],
      '1 change: 1 DAMAGED OR TAMPERED WITH',
      'DAMAGED OR TAMPERED WITH: /&lt;b&gt;&amp;',
    ]);
  });
});

describe('a notification in words', () => {
  it('says how many of what, with examples', () => {
    const notification = notificationOf(change(1), change(2), change(3, { kind: 'deleted', by: 'rm' }));
    assert.equal(titleOf(notification), '3 changes: 2 modified, 1 deleted');
    assert.equal(bodyOf(notification), 'modified: /etc/1\nmodified: /etc/2\ndeleted: /etc/3 (by rm)');
  });
});
