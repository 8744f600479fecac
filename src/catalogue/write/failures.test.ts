import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import type { ByteName } from '../../base/names.ts';
import { FailureRows } from './failures.ts';

const LOOK = { code: 'EIO', call: 'statx' };
const READ = { code: 'EACCES', call: 'openat' };
const LIST = { code: 'EACCES', call: 'open' };
const WATCH = { code: 'WATCH_LIMIT', call: 'inotify_add_watch' };
const SELF = '.' as ByteName;
const [A, B] = ['a', 'b'] as ByteName[] as [ByteName, ByteName];

type Noted = readonly [name: ByteName, failure: typeof LOOK];

describe('a failure is forgotten', () => {
  const cases: readonly [what: string, noted: readonly Noted[], work: (rows: FailureRows) => void, left: readonly string[]][] = [
    [
      'when its file was read',
      [
        [A, READ],
        [A, LOOK],
        [B, READ],
      ],
      (rows) => rows.read(1, A),
      ['a statx', 'b openat'],
    ],
    [
      'when its name was looked at',
      [
        [A, READ],
        [A, LOOK],
      ],
      (rows) => rows.looked(1, A, true),
      ['a openat'],
    ],
    [
      'when its name is gone',
      [
        [A, READ],
        [B, READ],
      ],
      (rows) => rows.looked(1, A, false),
      ['b openat'],
    ],
    [
      'when its directory was listed',
      [
        [SELF, LIST],
        [SELF, WATCH],
      ],
      (rows) => rows.listed(1, undefined, () => true),
      ['. inotify_add_watch'],
    ],
    [
      'when its name was listed',
      [
        [A, LOOK],
        [B, LOOK],
      ],
      (rows) => rows.listed(1, new Set([B]), () => true),
      ['b statx'],
    ],
    ['when its name is in no listing', [[A, READ]], (rows) => rows.listed(1, undefined, () => false), []],
    ['when its root is watched', [[SELF, WATCH]], (rows) => rows.watched(1), []],
    [
      'when its directory is gone',
      [
        [SELF, LIST],
        [A, READ],
      ],
      (rows) => rows.forget(1),
      [],
    ],
  ];
  for (const [what, noted, work, left] of cases)
    it(what, (context) => {
      const database = newCatalogue(context);
      const before = new FailureRows(database);
      for (const [name, failure] of noted) before.note(1, name, failure, 1n);
      // Also by a later run.
      work(new FailureRows(database));
      const rows = database.prepare('SELECT name, call FROM failure ORDER BY id').all();
      assert.deepEqual(
        rows.map(({ name, call }) => `${name === null ? '' : Buffer.from(name as Uint8Array).toString()} ${call}`),
        left,
      );
    });
});
