import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonStatus } from '../../serve/types.ts';
import { statusLines } from './status-lines.ts';

const STATUS: DaemonStatus = {
  ...{
    state: 'scanning',
    pid: 1,
    started: '2026-03-01T17:00:00.000Z',
    version: '1.2.3',
    store: '/store',
    memoryBytes: 0,
    errors: 0,
    roots: [],
  },
  catalogue: { path: '/catalogue.db', bytes: 0 },
  work: { toScan: 0, toHash: 0, hashRate: 0 },
};

describe('the status of a daemon', () => {
  it('does not say that there is nothing to do while a scan goes on', () => {
    const toDo = (state: DaemonStatus['state']) => statusLines({ ...STATUS, state }, () => []).find((line) => line.startsWith('To do'));
    assert.match(toDo('scanning') as string, /what the scan finds$/);
    assert.match(toDo('watching') as string, /nothing$/);
  });
});
