import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { scratchFolder } from '../../test/support/scratch.ts';
import { foldersOf } from '../base/config/folders.ts';
import { clockFinding, placeFinding, rightsFinding } from './machine-findings.ts';

describe('the doctor', () => {
  it('trusts a clock that is behind nothing that varve has written', (context) => {
    const folders = foldersOf({ VARVE_HOME: scratchFolder(context) });
    assert.equal(clockFinding(folders, Date.now()).state, 'good');
  });

  it('warns of a clock that is before the program, or before what was written last', (context) => {
    const home = scratchFolder(context);
    const folders = foldersOf({ VARVE_HOME: home });
    const { state, found } = clockFinding(folders, 0);
    assert.equal(state, 'warning');
    assert.match(found, /^(1970-01-01|1969-12-31) .*, which is .* before/);
    mkdirSync(folders.stateDir);
    const log = join(folders.stateDir, 'varve.log');
    writeFileSync(log, '');
    const inTwoHours = new Date(Date.now() + 7_200_000);
    utimesSync(log, inTwoHours, inTwoHours);
    assert.match(clockFinding(folders, Date.now()).found, /which is 2 h 00 min before|which is 1 h 59 min before/);
  });

  it('tells the space of a folder that is still to be made', (context) => {
    const { check, found } = placeFinding('home', join(scratchFolder(context), 'a/b'), 'the catalogue', 'Free some.');
    assert.equal(check, 'home');
    assert.match(found, /^[\d.]+ [KMGTP]?i?B free for the catalogue$/);
  });

  it('finds no fault with the rights of this process, whatever they are', () => {
    const { state, found } = rightsFinding();
    assert.equal(state, 'good');
    assert.match(found, /watched .*; (every file|files of others)/);
  });
});
