import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, mock, test } from 'node:test';
import { blake3 } from '../../hash/blake3.ts';
import { hashByName } from '../../hash/registry.ts';
import { Datadir } from './datadir.ts';
import { readHeader } from './header.ts';
import { Layout } from './layout.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-header-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const chunking = { minBytes: 8192, targetBytes: 32768, maxBytes: 131072 };

describe('making a store', () => {
  for (const call of ['mkdirSync', 'readdirSync', 'linkSync'] as const) {
    test(`takes the one that another process makes just before ${call}`, () => {
      const at = path.join(folder, call);
      const ours = new Datadir(at, { create: { hash: blake3, chunking } });
      const theirs = new Datadir(at, { create: { hash: hashByName('sha2-256'), chunking } });
      const original = fs[call] as (...args: unknown[]) => unknown;
      const racing = mock.method(fs, call, ((...args: unknown[]) => {
        racing.mock.restore();
        assert.equal(theirs.hash.name, 'sha2-256');
        return original.apply(fs, args);
      }) as never);
      assert.equal(ours.header.id, theirs.header.id);
      assert.equal(ours.hash.name, 'sha2-256');
    });
  }

  test('leaves a copy of the header that came to be', () => {
    const layout = new Layout(path.join(folder, 'linkSync'));
    const { id } = readHeader(layout) ?? {};
    fs.rmSync(layout.header);
    assert.equal(readHeader(layout)?.id, id);
  });
});
