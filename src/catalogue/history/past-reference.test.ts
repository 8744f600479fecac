import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameFromText } from '../../base/names.ts';
import { isPathReference, readPastReference } from './past-reference.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const read = async (text: string) => {
  const { path, time } = (await readPastReference(text, NOW)) ?? {};
  return [path, time];
};

describe('references to the past', () => {
  it('are told from archives by how they begin', () => {
    for (const path of ['/a', './a', '../a', '~/a', '.', '..', '~', '/a@2026', '.@yesterday', '/a:/b', '/a.varve/b@2026'])
      assert.ok(isPathReference(path), path);
    for (const archive of [
      'docs',
      'docs@2026:/a',
      'docs/letters@~1',
      '~1',
      '[/store]docs',
      '/x.varve',
      './x.varve@2026:/a',
      '/x.varve:',
      '.hidden',
    ])
      assert.ok(!isPathReference(archive), archive);
  });

  it('part path and time at the last @, if a time follows', async () => {
    const end = BigInt(Date.parse('2026-03-01T00:00:01Z')) * 1_000_000n - 1n;
    assert.deepEqual(await read('/a/b@2026-03-01T00:00:00Z'), ['/a/b', end]);
    assert.deepEqual(await read('/mail/me@home'), ['/mail/me@home', undefined]);
    assert.deepEqual(await read('/mail@2026/me'), ['/mail@2026/me', undefined]);
    assert.equal((await read('/mail/me@2026@now'))[0], '/mail/me@2026');
    assert.deepEqual(await read('/a@'), ['/a@', undefined]);
  });

  it('can be exact to the nanosecond', async () => {
    assert.deepEqual(await read('/a@1772384430123456789'), ['/a', 1772384430123456789n]);
    assert.deepEqual(await read('/a@2026-03-01T17:00:30.123456789Z'), ['/a', 1772384430123456789n]);
  });

  it('are made absolute, and take names as they are shown', async () => {
    assert.deepEqual(await read('/a//b/../c/./d/'), ['/a/c/d', undefined]);
    assert.deepEqual(await read('/caf\\xe9/\\\\'), ['/caf\xe9/\\', undefined]);
    assert.deepEqual(await read('./x'), [`${nameFromText(process.cwd())}/x`, undefined]);
  });
});
