import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { corpus, wordsOf } from '../test-corpus.ts';
import { type Format, SCANNER_LOOKBACK_BYTES } from '../types.ts';
import { extensionOf } from './extension.ts';
import { anyScanner, defaultScanner, formats } from './registry.ts';
import { sample } from './test-samples.ts';

const RUNS = Number(process.env.VARVE_FUZZ_RUNS ?? 150);
const bounds = { minBytes: 256, targetBytes: 1024, maxBytes: 4096 };

/** The offsets that a format's scanner suggests when `bytes` come in slabs of random sizes; checks that they come in time. */
function suggestions(format: Format, bytes: Uint8Array, seed: number): number[] {
  const next = wordsOf(seed);
  const scanner = format.open(bounds);
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const count = Math.min(bytes.length - at, 1 + (next() % (next() % 2 === 0 ? 8 : 5000)));
    const inTime = at - SCANNER_LOOKBACK_BYTES;
    scanner.scan(bytes.subarray(at, at + count), (offset) => {
      assert.ok(offset >= inTime, `offset ${offset} comes late, at ${at}`);
      found.push(offset);
    });
    at += count;
  }
  return found;
}

function formatNamed(name: string): Format {
  return formats.find((format) => format.name === name) as Format;
}

test('the way data arrives does not move a suggestion', () => {
  fc.assert(
    fc.property(fc.constantFrom(...formats), fc.integer({ min: 1, max: 2 ** 30 }), (format, seed) => {
      const bytes = sample(format.name);
      assert.deepEqual(suggestions(format, bytes, seed), suggestions(format, bytes, 1));
    }),
    { numRuns: RUNS },
  );
});

test('no scanner throws, or suggests too late, on damaged input', () => {
  fc.assert(
    fc.property(fc.constantFrom(...formats), fc.integer({ min: 1, max: 2 ** 30 }), (format, seed) => {
      const next = wordsOf(seed);
      const bytes = Buffer.from(sample(format.name));
      for (let fault = 0; fault < 1 + (next() % 20); fault++) {
        const at = next() % (next() % 2 === 0 ? Math.min(200, bytes.length) : bytes.length);
        bytes.subarray(at, at + (next() % 12)).fill(next() % 2 === 0 ? 0xff : next() & 0xff);
      }
      format.matches(bytes.subarray(0, 1024));
      suggestions(format, bytes.subarray(0, 1 + (next() % bytes.length)), seed);
    }),
    { numRuns: RUNS },
  );
});

test('no scanner throws on any bytes, nor do its marks', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.uint8Array({ maxLength: 3000 }),
      fc.integer({ min: 1, max: 2 ** 30 }),
      (format, bytes, seed) => {
        format.matches(bytes);
        suggestions(format, bytes, seed);
      },
    ),
    { numRuns: RUNS },
  );
});

for (const format of formats) {
  test(`${format.name} is known by its first kilobyte`, () => {
    assert.equal(anyScanner(undefined, sample(format.name).subarray(0, 1024)), format);
  });
}

test('random bytes, text and an empty file have no format', () => {
  for (const head of [corpus('random', 1024), corpus('log', 1024), corpus('csv', 1024), new Uint8Array(0), new Uint8Array(1024)]) {
    assert.equal(anyScanner('name', head), undefined);
  }
});

test('the name decides when the content says nothing', () => {
  assert.equal(defaultScanner('mail.mbox', corpus('log', 1024))?.name, 'mbox');
});

test('the content decides against the name', () => {
  assert.equal(defaultScanner('mail.mbox', sample('zip').subarray(0, 1024))?.name, 'zip');
});

test('a name alone does not make a file a database', () => {
  assert.equal(defaultScanner('data.sqlite', corpus('log', 1024)), undefined);
});

test('git packs are not scanned by default, since nothing is gained', () => {
  assert.equal(defaultScanner('a.pack', sample('git-pack').subarray(0, 1024)), undefined);
  assert.ok(formatNamed('git-pack'));
});

test('extensions are seen through the names of partial transfers', () => {
  const cases: Record<string, string> = {
    'name.tar': 'tar',
    'NAME.TAR': 'tar',
    '.name.tar.a1B2c3': 'tar',
    'name.tar.part': 'tar',
    'name.tar~': 'tar',
    'name.mp3.crdownload': 'mp3',
    'a.b.zip': 'zip',
    '.hidden': '',
    '.hidden.abcdef': 'abcdef',
    name: '',
    '': '',
    '.': '',
    'name.': '',
  };
  for (const [name, extension] of Object.entries(cases)) assert.equal(extensionOf(name), extension, name);
});
