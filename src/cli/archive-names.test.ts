import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../base/errors.ts';
import { checkArchiveName } from './archive-names.ts';

test('an archive is given only a name that a reference to it can be written with', () => {
  for (const name of ['docs', 'my docs', 'a:b']) checkArchiveName(name);
  for (const name of ['docs:', 'docs:/', 'docs@v1', '[usb]docs', 'docs.varve']) assert.throws(() => checkArchiveName(name), UsageError);
});
