/** The API from both ends: a real socket, the real client, and a daemon that does nothing but answer. */
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { FakeDaemon, listLog } from '../../test/support/fake-daemon.ts';
import { scratchFolder } from '../../test/support/scratch.ts';
import { until } from '../../test/support/until.ts';
import { VarveError } from '../base/errors.ts';
import { DaemonClient } from './client.ts';
import { ControlServer } from './control-server.ts';
import { HomeLock } from './home-lock.ts';
import { socketFile } from './socket-path.ts';
import type { EventLine } from './types.ts';

const LIMIT = { timeout: 20_000, skip: process.platform === 'win32' && 'the daemon needs UNIX sockets' };

async function serve(context: TestContext, stateDir = scratchFolder(context)) {
  const lock = await HomeLock.take(stateDir);
  const daemon = new FakeDaemon();
  const log = listLog();
  const server = await ControlServer.listen(daemon, lock, log);
  context.after(async () => {
    await server.close();
    lock.release();
  });
  return { stateDir, daemon, log, server, lock, client: new DaemonClient(stateDir) };
}

const never = () => new AbortController().signal;

async function gather(lines: AsyncIterable<EventLine>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of lines) ids.push(id);
  return ids;
}

describe('the API of the daemon', LIMIT, () => {
  it('tells its status as it is', async (context) => {
    const { client, daemon } = await serve(context);
    assert.deepEqual(await client.status(), await daemon.status());
  });

  it('pauses, continues and stops', async (context) => {
    const { client, daemon } = await serve(context);
    await client.pause();
    assert.equal(daemon.state, 'paused');
    await client.continue();
    assert.equal(daemon.state, 'watching');
    await client.stop();
    assert.equal(daemon.state, 'stopping');
  });

  it('gives the token of a sync point', async (context) => {
    const { client } = await serve(context);
    assert.deepEqual(await client.syncPoint(never()), { token: 'point:1', unwatched: [] });
  });

  it('passes on what somebody says that a file is, and refuses what says nothing', async (context) => {
    const { client, daemon, stateDir } = await serve(context);
    const description = { path: '/home/ann/\\xff', text: 'Letters, mostly', generated: { digest: `blake3:${'0'.repeat(64)}`, model: 'm' } };
    await client.describe(description);
    assert.deepEqual(daemon.description, description);
    for (const body of [
      '',
      '7',
      '{"path":"/a"}',
      '{"path":"a","text":"b"}',
      '{"path":"/a","text":"b","generated":{"digest":"x","model":"m"}}',
    ]) {
      const { status } = await raw(stateDir, 'POST', '/v1/describe', Buffer.from(body), { 'content-type': 'application/json' });
      assert.ok(status === 400 || status === 500, `${body}: ${status}`);
    }
    assert.deepEqual(daemon.description, description);
  });

  it('ends the watch of folders that are named whole', async (context) => {
    const { client, daemon, stateDir } = await serve(context);
    const paths = ['/home/ann/\\xff', '/srv'];
    await client.unwatch(paths, new AbortController().signal);
    assert.deepEqual(daemon.unwatched, paths);
    for (const body of ['', '7', '{"paths":[]}', '{"paths":[7]}', '{"paths":["/a","b"]}']) {
      const { status } = await raw(stateDir, 'POST', '/v1/unwatch', Buffer.from(body), { 'content-type': 'application/json' });
      assert.equal(status, 400, body);
    }
    assert.deepEqual(daemon.unwatched, paths);
  });

  it('brings an error with code, message and advice', async (context) => {
    const { client, daemon, log } = await serve(context);
    daemon.failure = new VarveError('CATALOGUE_FORMAT', 'the catalogue is damaged', { advice: 'Move it away.' });
    await assert.rejects(client.status(), (error: unknown) => {
      assert.ok(error instanceof VarveError);
      assert.deepEqual([error.code, error.message, error.advice], ['CATALOGUE_FORMAT', 'the catalogue is damaged', 'Move it away.']);
      return true;
    });
    assert.deepEqual(log.lines, []);
  });

  it('tells a bug of the daemon as a bug, and writes it to the log', async (context) => {
    const { client, daemon, log } = await serve(context);
    daemon.failure = new TypeError('roots is not iterable');
    await assert.rejects(client.status(), (error: unknown) => !(error instanceof VarveError) && /not iterable/.test(String(error)));
    assert.deepEqual(log.lines, ['error: a request failed']);
  });

  it('abandons a sync point when its client goes away', async (context) => {
    const { client, daemon, log } = await serve(context);
    await client.pause();
    const controller = new AbortController();
    const point = client.syncPoint(controller.signal);
    await until(() => daemon.waiting === 1);
    controller.abort(new Error('enough'));
    await assert.rejects(point, { message: 'enough' });
    await until(() => daemon.waiting === 0);
    await client.status();
    assert.deepEqual(log.lines, []);
  });

  it('answers a route that there is not with 404, and so a daemon of another version is told from one that fails', async (context) => {
    const { stateDir } = await serve(context);
    for (const [method, path] of [
      ['GET', '/v0/status'],
      ['GET', '/v1/stop'],
    ] as const) {
      const { status, body } = await raw(stateDir, method, path);
      assert.equal(status, 404);
      assert.deepEqual(body, { error: { code: 'UNKNOWN_ROUTE', message: `there is no ${method} ${path}`, expected: true } });
    }
  });

  it('refuses a body that is too long, declared or not', async (context) => {
    const { stateDir, daemon } = await serve(context);
    const body = Buffer.alloc(100_000);
    assert.equal((await raw(stateDir, 'POST', '/v1/pause', body)).status, 413);
    assert.equal((await raw(stateDir, 'POST', '/v1/pause', body, { 'transfer-encoding': 'chunked' })).status, 413);
    assert.equal(daemon.state, 'watching');
    assert.equal((await raw(stateDir, 'POST', '/v1/pause', Buffer.from('{}'), { 'transfer-encoding': 'chunked' })).status, 200);
    assert.equal(daemon.state, 'paused');
  });
});

describe('the stream of events', LIMIT, () => {
  it('brings every event and ends, the query understood', async (context) => {
    const { client, daemon } = await serve(context);
    const query = { path: '/home/ann/a&b ü\\xff', since: 'point:1', follow: false };
    assert.deepEqual(await gather(client.events(query, never())), [1, 2, 3]);
    assert.deepEqual(daemon.query, query);
  });

  it('refuses queries that cannot be meant', async (context) => {
    const { stateDir } = await serve(context);
    for (const query of [
      'path=docs',
      'path=/a%00b',
      'since=%20',
      'follow=maybe',
      'paht=/docs',
      'follow=true&follow=true',
      `path=/${'x'.repeat(20_000)}`,
    ]) {
      const { status, body } = await raw(stateDir, 'GET', `/v1/events?${query}`);
      assert.deepEqual([status, body.error.code], [400, 'USAGE'], query);
    }
  });

  it('brings the error that it ends with', async (context) => {
    const { client, log } = await serve(context);
    await assert.rejects(gather(client.events({ path: '/gone', follow: false }, never())), {
      code: 'NOT_FOUND',
      advice: 'Look with: varve ls',
    });
    assert.deepEqual(log.lines, []);
  });

  it('lets a slow reader slow its source', async (context) => {
    const { client, daemon } = await serve(context);
    daemon.eventCount = 1_000_000;
    const lines = client.events({ follow: false }, never())[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value.id, 1);
    // What fits into the buffers of both sides and of the kernel is given; then nothing more, however long the reader takes.
    let before = 0;
    let calm = 0;
    await until(() => {
      calm = daemon.given === before ? calm + 1 : 0;
      before = daemon.given;
      return calm === 50;
    });
    assert.ok(daemon.given < 100_000, `${daemon.given} events given to a reader of one`);
    await lines.return(undefined);
    await until(() => daemon.ended);
  });

  it('ends in the daemon when its reader stops reading', async (context) => {
    const { client, daemon } = await serve(context);
    for await (const { id } of client.events({ follow: true }, never())) if (id === 3) break;
    await until(() => daemon.ended);
  });

  it('ends with the reason of its signal', async (context) => {
    const { client, daemon } = await serve(context);
    const controller = new AbortController();
    const ids = gather(client.events({ follow: true }, controller.signal));
    await until(() => daemon.given === 3);
    controller.abort(new Error('enough'));
    await assert.rejects(ids, { message: 'enough' });
    await until(() => daemon.ended);
  });

  it('ends when the daemon stops, and a sync point is refused', async (context) => {
    const { client, daemon, server } = await serve(context);
    const ids = gather(client.events({ follow: true }, never()));
    await until(() => daemon.given === 3);
    await client.pause();
    const refused = assert.rejects(client.syncPoint(never()), { code: 'DAEMON_STOPPING' });
    await until(() => daemon.waiting === 1);
    await server.close();
    assert.deepEqual(await ids, [1, 2, 3]);
    await refused;
  });
});

describe('the socket', LIMIT, () => {
  it('can be opened by its owner alone', async (context) => {
    const { stateDir } = await serve(context);
    assert.equal(lstatSync(socketFile(stateDir)).mode & 0o777, 0o600);
  });

  it('works in a folder whose path is too long for an address', async (context) => {
    const { client, stateDir, server } = await serve(context, join(scratchFolder(context), 'x'.repeat(120), 'y'.repeat(120)));
    assert.equal((await client.status()).state, 'watching');
    await server.close();
    assert.equal(lstatSync(socketFile(stateDir), { throwIfNoEntry: false }), undefined);
  });

  it('is not made in place of a file that is something else', async (context) => {
    const stateDir = scratchFolder(context);
    writeFileSync(socketFile(stateDir), 'notes');
    await assert.rejects(serve(context, stateDir), { code: 'SOCKET_PLACE' });
  });

  it('is gone when the server is closed, also with a client that never says what it wants', async (context) => {
    const { stateDir, server, client } = await serve(context);
    const mute = connect(socketFile(stateDir));
    await client.status();
    await server.close();
    mute.destroy();
    assert.equal(lstatSync(socketFile(stateDir), { throwIfNoEntry: false }), undefined);
    await assert.rejects(client.status(), { code: 'DAEMON_NOT_RUNNING', advice: 'Start one with: varve start' });
  });
});

describe('the client', LIMIT, () => {
  it('says that no daemon runs where there is no home yet', async (context) => {
    const { message } = (await new DaemonClient(join(scratchFolder(context), 'none')).status().catch((error) => error)) as Error;
    assert.equal(message, 'no daemon runs here');
  });

  it('refuses a second daemon in the same process as in another', async (context) => {
    const { stateDir } = await serve(context);
    await assert.rejects(HomeLock.take(stateDir), { code: 'DAEMON_RUNNING', pid: process.pid });
  });

  it('says so when something else answers', async (context) => {
    const stateDir = scratchFolder(context);
    mkdirSync(stateDir, { recursive: true });
    const { createServer } = await import('node:http');
    const answers = ['<html>', '{"error":1}'];
    const other = createServer((_, response) => response.writeHead(answers.length === 1 ? 500 : 200).end(answers.shift()));
    await new Promise<void>((resolve) => other.listen(socketFile(stateDir), resolve));
    context.after(() => other.close());
    const client = new DaemonClient(stateDir);
    await assert.rejects(client.status(), { code: 'FORMAT', message: /no JSON/ });
    await assert.rejects(client.status(), { code: 'FORMAT', message: /status 500/ });
  });
});

/** A request as any program may make it. */
function raw(stateDir: string, method: string, path: string, body?: Buffer, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; body: { error: { code: string } } }>((resolve, reject) => {
    const asked = request({ socketPath: socketFile(stateDir), method, path, headers, agent: false }, async (response) => {
      resolve({ status: response.statusCode, body: (await json(response)) as { error: { code: string } } });
    });
    asked.on('error', reject).end(body);
  });
}
