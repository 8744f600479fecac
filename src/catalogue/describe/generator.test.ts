import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import type { ByteName } from '../../base/names.ts';
import { generatedDescription, keepGenerated } from './generated.ts';
import { GeneratorError, type GeneratorSettings, generate, messageAbout, whatIsSent } from './generator.ts';
import { Secret } from './secret.ts';
import type { Subject } from './types.ts';

const KEY = 'sk-very-secret';

/** A server that answers every request by `answer`, and what it was asked. */
async function server(context: TestContext, answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const asked: { path: string; authorization: string | undefined; body: unknown }[] = [];
  const listening = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push({ path: request.url ?? '', authorization: request.headers.authorization, body: JSON.parse(body) });
    answer(response, request);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  const { port } = listening.address() as AddressInfo;
  const settings: GeneratorSettings = {
    endpoint: new URL(`http://127.0.0.1:${port}/v1`),
    model: 'small',
    key: new Secret(KEY),
    timeoutMs: 5000,
    contentBytes: 100,
  };
  return { asked, settings };
}

function says(content: unknown): (response: ServerResponse) => void {
  return (response) => response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
}

async function fails(promise: Promise<string>, problem: RegExp, status?: number): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof GeneratorError, String(error));
    assert.match(error.message, problem);
    assert.equal(error.status, status);
    assert.ok(!inspect(error, { depth: 9 }).includes(KEY), 'the key is nowhere in it');
    return true;
  });
}

const SUBJECT: Subject = {
  path: '/home/ann/notes.txt' as ByteName,
  kind: 'file',
  node: 1,
  owner: undefined,
  digest: Buffer.from([1, 2]),
  sizeBytes: 11,
  head: Buffer.from('Hello wörld'),
};

describe('generating a description', () => {
  it('asks the endpoint once, by the API of OpenAI, and gives its sentence', async (context) => {
    const { asked, settings } = await server(context, says(' A greeting.\n'));
    assert.equal(await generate('Path: x', settings), 'A greeting.');
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.path, '/v1/chat/completions');
    assert.equal(asked[0]?.authorization, `Bearer ${KEY}`);
    const { model, messages } = asked[0]!.body as { model: string; messages: { role: string; content: string }[] };
    assert.deepEqual([model, messages.map(({ role }) => role), messages[1]?.content], ['small', ['system', 'user'], 'Path: x']);
  });

  it('sends no more than it says', () => {
    const message = messageAbout(SUBJECT, 'text/plain', 7);
    assert.equal(message, 'Path: /home/ann/notes.txt\nSize: 11 bytes\nType: text/plain\nBeginning of its content:\nHello w');
    assert.ok(!messageAbout(SUBJECT, undefined, 0).includes('Hello'));
    assert.ok(!messageAbout({ ...SUBJECT, head: Buffer.from([65, 0, 66]) }, undefined, 100).includes('content'));
    assert.ok(!messageAbout(SUBJECT, undefined, 8).includes('\ufffd'), 'no half of a character');
    const settings = {
      endpoint: new URL('https://api.example.org/v1'),
      model: 'small',
      key: new Secret(KEY),
      timeoutMs: 1,
      contentBytes: 0,
    };
    assert.match(whatIsSent(settings), /nothing of its content, go to https:\/\/api\.example\.org \(model small\)/);
  });

  it('says what is wrong with the endpoint, and never the key', async (context) => {
    const answers: [(response: ServerResponse) => void, RegExp, number | undefined][] = [
      [
        (response) => response.writeHead(401).end(JSON.stringify({ error: { message: `bad key ${KEY}` } })),
        /answered 401: bad key \[secret\]/,
        401,
      ],
      [(response) => response.writeHead(500).end('<h1>oh</h1>'), /answered 500: <h1>oh<\/h1>/, 500],
      [(response) => response.end('no json'), /without a description/, 200],
      [(response) => response.end('{"choices":{}}'), /without a description/, 200],
      [says(7), /without a description/, 200],
      [says('\u0007 \u202e'), /without a description/, 200],
      [(response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /cannot be asked/, undefined],
      [(response) => response.destroy(), /cannot be asked/, undefined],
    ];
    for (const [answer, problem, status] of answers) {
      const { settings } = await server(context, answer);
      await fails(generate('x', settings), problem, status);
    }
  });

  it('reads no more than an answer can be', async (context) => {
    let sent = 0;
    const { settings } = await server(context, (response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1 << 16))) sent += 1 << 16;
      };
      response.on('drain', more);
      more();
    });
    await fails(generate('x', settings), /more than 65536 bytes/, 200);
    assert.ok(sent < 1 << 26);
  });

  it('waits no longer than it may, also for a server that answers drop by drop', async (context) => {
    const silent = await server(context, () => {});
    await fails(generate('x', { ...silent.settings, timeoutMs: 50 }), /no answer within 0.05 s/);
    const slow = await server(context, (response) => {
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    });
    await fails(generate('x', { ...slow.settings, timeoutMs: 100 }), /no answer within/);
  });

  it('stops when it is told to', async (context) => {
    const { settings } = await server(context, () => {});
    await assert.rejects(generate('x', settings, AbortSignal.abort(new Error('enough'))), /enough/);
  });

  it('makes of a hostile answer one plain line', async (context) => {
    const { settings } = await server(context, says(`\u001b[2J\u202eevil\n\n${'x'.repeat(5000)}`));
    const line = await generate('x', settings);
    assert.match(line, /^\[2Jevil x+…$/);
    assert.equal(line.length, 500);
  });

  it('is kept by digest and model', (context) => {
    const database = newCatalogue(context);
    const digest = Buffer.from([0x1e, 1, 7]);
    assert.equal(generatedDescription(database, digest), undefined);
    keepGenerated(database, { digest, model: 'small', text: 'A.' }, 1n);
    keepGenerated(database, { digest, model: 'large', text: 'B.' }, 2n);
    assert.equal(generatedDescription(database, digest, 'small'), 'A.');
    assert.equal(generatedDescription(database, digest), 'B.');
  });
});
