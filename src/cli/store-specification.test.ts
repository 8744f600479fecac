import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../base/errors.ts';
import { parseStoreSpecification } from './store-specification.ts';

const faultAt = (text: string, position: number, problem: RegExp) =>
  assert.throws(
    () => parseStoreSpecification(text),
    (error: UsageError) =>
      error instanceof UsageError && error.message.includes(`at character ${position} of`) && problem.test(error.message),
    text,
  );

describe('a store specification', () => {
  it('names a clause, with brackets or without', () => {
    assert.deepEqual(parseStoreSpecification('[usb]'), { kind: 'clause', name: 'usb' });
    assert.deepEqual(parseStoreSpecification('usb-2'), { kind: 'clause', name: 'usb-2' });
  });

  it('is a path when it begins like one', () => {
    for (const path of ['/mnt/a', './a', '../a', '.', '~/a', '$HOME/a', 'C:\\a'])
      assert.deepEqual(parseStoreSpecification(path), { kind: 'datadir', path });
  });

  it('gives a type its values', () => {
    assert.deepEqual(
      parseStoreSpecification('datadir(path=/a b/c, hash=sha2-256, compression=3, chunk-min=1KiB, chunk-target=4k, chunk-max=16k)'),
      {
        kind: 'datadir',
        ...{ path: '/a b/c', hash: 'sha2-256', compression: 3, minBytes: 1024, targetBytes: 4096, maxBytes: 16384 },
      },
    );
  });

  it('is refused with the position of the fault', () => {
    faultAt('', 1, /expected a store/);
    faultAt('[usb', 5, /expected \]/);
    faultAt('[us b]', 4, /name of a clause/);
    faultAt('[usb]x', 6, /nothing behind/);
    faultAt('us b', 3, /name of a clause/);
    faultAt('zip(path=x)', 1, /no store of type "zip"/);
    faultAt('datadir(path=x', 15, /expected \)/);
    faultAt('datadir(path=x,size=3)', 16, /expected one of path, hash/);
    faultAt('datadir(path=x,path=y)', 16, /twice/);
    faultAt('datadir(path=)', 14, /a value of path/);
    faultAt('datadir(path=x,compression=high)', 28, /whole number/);
    faultAt('datadir(hash=blake3)', 20, /path=/);
    faultAt('tcp://host:1', 1, /not known to this version/);
  });

  it('is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `datadir(${text})`),
        ),
        (text) => {
          try {
            parseStoreSpecification(text);
          } catch (error) {
            assert.ok(error instanceof UsageError);
          }
        },
      ),
    );
  });
});
