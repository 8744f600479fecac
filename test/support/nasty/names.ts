import type { ByteName } from '../../../src/base/names.ts';
import type { Directory } from '../../../src/sys/types.ts';
import type { NastyContext } from './context.ts';
import { makeFile, makeFolder, text } from './make.ts';

const CROWD = 100_000;

/** Names for options, for shells, for other platforms, and for eyes. */
const TEXTS = [
  ...[
    '-rf',
    '--',
    '-',
    '~',
    '~root',
    '*',
    '?',
    '[a]',
    '{a,b}',
    '$(id)',
    '`id`',
    '$HOME',
    ';',
    '&',
    '|',
    '!',
    '#',
    '%s',
    '%n',
    '\\',
    '\\x41',
    '"',
    "'",
  ],
  ...[
    ' ',
    ' leading',
    'trailing ',
    'trailing.',
    '...',
    '..a',
    '.hidden',
    'a:b',
    'C:',
    'C:\\x',
    'con',
    'CON.txt',
    'nul',
    'aux.h',
    'LPT1',
    'desktop.ini',
  ],
  ...[
    'line\nbreak',
    '\n',
    'tab\t',
    'return\r',
    'bell\x07',
    'escape\x1b[31m',
    'delete\x7f',
    'next-line\u0085',
    'right-to-left\u202egpj.exe',
    'bom\ufeff',
  ],
  ...[
    'case',
    'Case',
    'CASE',
    'ß',
    'SS',
    'i',
    'I',
    'ı',
    'İ',
    'caf\u00e9',
    'cafe\u0301',
    '日本語',
    '👩‍👩‍👧',
    '\u{10ffff}',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...['x'.repeat(255), 'ü'.repeat(127), 'part.gz.part', '.a.txt.aB3xY9', 'a~', 'NaN', '0', '-0', '00', '1e3', 'null', 'undefined'],
];

/** Sequences that are no UTF-8: a lone lead and a lone continuation byte, an overlong slash, a surrogate, and beyond the last code point. */
const BYTES = [
  '\xff',
  '\xfe\xff',
  '\x80',
  'cut\xc3',
  'mixed\xc3\xa4\xff',
  '\xc0\xaf',
  '\xed\xa0\x80',
  '\xf4\x90\x80\x80',
  '\xff'.repeat(255),
];

export function makeNames(directory: Directory, { scale }: NastyContext): void {
  for (const name of TEXTS) makeFile(directory, text(name), name);
  for (const name of BYTES) makeFile(directory, name as ByteName, name);
  using singles = makeFolder(directory, 'every byte');
  for (let byte = 1; byte < 256; byte++) {
    const name = String.fromCharCode(byte) as ByteName;
    if (name !== '/' && name !== '.') makeFile(singles, name);
  }
  for (const name of ['folder\xff', '-folder', 'folder\n', '\xfe'.repeat(255)] as ByteName[]) {
    using folder = makeFolder(directory, name);
    makeFile(folder, 'inside', name);
  }
  using crowd = makeFolder(directory, 'crowd');
  for (let index = 0; index < CROWD * scale; index++) makeFile(crowd, `entry ${index}`, index % 100 === 0 ? String(index) : '');
}
