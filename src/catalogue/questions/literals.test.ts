import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { literalsOfGlob, literalsOfRegex } from './literals.ts';

describe('what a pattern is certain to match', () => {
  it('in a glob is the text between wildcards, with the ends of the name', () => {
    assert.deepEqual(literalsOfGlob('*.jpg'), ['.jpg/']);
    assert.deepEqual(literalsOfGlob('IMG_*[0-9]?.JPG'), ['/img_', '.jpg/']);
    assert.deepEqual(literalsOfGlob('whole'), ['/whole/']);
    assert.deepEqual(literalsOfGlob('*.{jpg,png}'), []);
    assert.deepEqual(literalsOfGlob('été*'), []);
  });

  it('in a regular expression is the text that no quantifier, group or alternative makes optional', () => {
    assert.deepEqual(literalsOfRegex('^backup.*99\\.jpg$'), [['backup', '99.jpg']]);
    assert.deepEqual(literalsOfRegex('[0-9]{2}7\\.txt$'), [['7.txt']]);
    assert.deepEqual(literalsOfRegex('colou?r'), [['colo']]);
    assert.deepEqual(literalsOfRegex('ab+cd*e'), [['ab']]);
    assert.deepEqual(literalsOfRegex('(abc|def)ghi'), [['ghi']]);
    assert.deepEqual(literalsOfRegex('abc|d.f'), [['abc'], []]);
    assert.deepEqual(literalsOfRegex('[(]abc[)]'), [['abc']]);
    assert.deepEqual(literalsOfRegex('a\\dbc\\u0041de\\/fg'), [['bc', 'de/fg']]);
    assert.deepEqual(literalsOfRegex('abc{0,3}d'), [['ab']]);
  });
});
