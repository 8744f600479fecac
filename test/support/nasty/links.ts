import type { Directory } from '../../../src/sys/types.ts';
import { makeFile, makeFolder, text } from './make.ts';

/** Hard links within and across directories, of files and of other kinds, before and after one another in name order. */
export function makeLinks(directory: Directory): void {
  using first = makeFolder(directory, 'a');
  using second = makeFolder(directory, 'z');
  makeFile(first, 'original', 'shared content');
  second.link(first, text('original'), text('other'));
  directory.link(first, text('original'), text('m'));
  directory.link(first, text('original'), text('n'));
  makeFile(second, 'empty');
  first.link(second, text('empty'), text('empty too'));
  first.symlink(text('original'), text('link'));
  second.link(first, text('link'), text('same link'));
  first.makeNode(text('fifo'), 'fifo', 0o600);
  second.link(first, text('fifo'), text('same fifo'));
  for (let pair = 0; pair < 100; pair++) {
    makeFile(first, `pair ${pair}`, String(pair % 7));
    second.link(first, text(`pair ${pair}`), text(`pair ${99 - pair}`));
  }
}
