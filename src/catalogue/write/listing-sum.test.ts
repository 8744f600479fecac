import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { nameFromText } from '../../base/names.ts';
import { PackedEntries, PackedReader } from '../../sys/packed-entries.ts';
import { system } from '../../sys/system.ts';
import { stateOfRecord } from '../look/states.ts';
import { isSameListing, type Listing, ListingSum, listingValue } from './listing-sum.ts';

const KEY = { low: 0x89abcdef, high: 0xfedcba98 };

/** A folder with files of every kind that needs no rights. */
function someFolder(context: TestContext): string {
  const folder = scratchFolder(context);
  writeFileSync(join(folder, 'file'), 'content');
  writeFileSync(join(folder, 'ünïcode'), '');
  mkdirSync(join(folder, 'directory'));
  symlinkSync('file', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'x'.repeat(255))]);
  return folder;
}

function listed(folder: string): PackedReader {
  using directory = system().openDirectory(nameFromText(folder));
  const records = new PackedEntries(1024);
  directory.statEntries(records, (_, error) => assert.fail(error));
  return new PackedReader(records.finish());
}

function listingOf(folder: string): Listing {
  const sum = new ListingSum(KEY);
  const listing = ListingSum.none();
  for (const record = listed(folder); record.next(); ) sum.addRecord(listing, record);
  return listing;
}

test('a listing and the states that are read from it come to the same, in any order', (context) => {
  const folder = someFolder(context);
  // Before 1970, and where nanoseconds since then no longer fit into 64 bits.
  execFileSync('touch', ['-d', '1931-02-03T04:05:06.789', join(folder, 'file')]);
  execFileSync('touch', ['-d', '2400-02-03', join(folder, 'directory')]);
  const sum = new ListingSum(KEY);
  const entries = [];
  for (const record = listed(folder); record.next(); ) {
    const state = stateOfRecord(record);
    assert.ok(state);
    entries.unshift({ name: record.name, state });
  }
  assert.equal(entries.length, 5);
  const listing = ListingSum.none();
  for (const { name, state } of entries) sum.add(listing, name, state, 1);
  assert.ok(isSameListing(listing, listingOf(folder)));
  for (const { name, state } of entries) sum.add(listing, name, state, -1);
  assert.equal(listingValue(listing), 0n);
});

test('a listing tells any change of what is in a directory, but not of what is below a directory in it', (context) => {
  const folder = someFolder(context);
  const seen = new Set<bigint>([listingValue(listingOf(folder))]);
  const changes = [
    () => appendFileSync(join(folder, 'file'), ' and more'),
    () => chmodSync(join(folder, 'directory'), 0o700),
    () => execFileSync('touch', ['-h', '-d', '2001-02-03', join(folder, 'link')]),
    () => execFileSync('mv', [join(folder, 'file'), join(folder, 'flie')]),
    () => execFileSync('ln', [join(folder, 'flie'), join(folder, 'second')]),
    () => execFileSync('rm', [join(folder, 'second')]),
  ];
  for (const change of changes) {
    change();
    seen.add(listingValue(listingOf(folder)));
  }
  assert.equal(seen.size, 1 + changes.length);
  writeFileSync(join(folder, 'directory', 'below'), '');
  assert.ok(seen.has(listingValue(listingOf(folder))));
});
