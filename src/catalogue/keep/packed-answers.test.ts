import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../../hash/types.ts';
import { packAnswers, unpackAnswers } from './packed-answers.ts';
import type { FileAnswer } from './types.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const PLAIN = { noNullPrototype: true };
const answer: fc.Arbitrary<FileAnswer> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('hashed' as const),
      digest: bytes as fc.Arbitrary<Digest>,
      size: fc.maxSafeNat(),
      ref: fc.option(bytes, { nil: undefined }),
    },
    PLAIN,
  ),
  fc.constantFrom<FileAnswer>({ kind: 'changed' }, { kind: 'vanished' }),
  fc.record({ kind: fc.constant('unreadable' as const), code: fc.string(), call: fc.string() }, PLAIN),
);

test('answers come out of a message as they went in', () => {
  fc.assert(
    fc.property(fc.array(answer), (answers) => {
      assert.deepEqual(unpackAnswers(structuredClone(packAnswers(answers))), answers);
    }),
  );
});
