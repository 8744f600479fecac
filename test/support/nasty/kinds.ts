import type { ByteName } from '../../../src/base/names.ts';
import type { Directory } from '../../../src/sys/types.ts';
import type { NastyContext } from './context.ts';
import { attempt, makeFile, makeFolder, text } from './make.ts';

/** One of every kind, and symbolic links of every direction. */
export function makeKinds(directory: Directory, context: NastyContext): void {
  makeFile(directory, 'file', 'content');
  makeFolder(directory, 'empty-folder').close();
  directory.makeNode(text('fifo'), 'fifo', 0o640);
  directory.makeNode(text('socket'), 'socket', 0o600);
  attempt(context, 'devices', () => {
    directory.makeNode(text('null'), 'character', 0o666, { major: 1, minor: 3 });
    directory.makeNode(text('large-character'), 'character', 0o600, { major: 0xabc, minor: 0xfedcb });
    directory.makeNode(text('block'), 'block', 0o600, { major: 7, minor: 300 });
    directory.makeNode(text('whiteout'), 'character', 0o000, { major: 0, minor: 0 });
  });
  const targets: Record<string, string> = {
    'link-to-file': 'file',
    'link-to-folder': 'empty-folder',
    'link-to-folder-slash': 'empty-folder/',
    'link-absolute': '/etc/passwd',
    'link-outside': '../../../../..',
    'link-dangling': 'no/such/thing',
    'link-to-itself': 'link-to-itself',
    'link-long': 'x/'.repeat(2000),
    'link-newline': 'line\nbreak',
  };
  for (const [name, target] of Object.entries(targets)) directory.symlink(text(target), text(name));
  directory.symlink('\xff\xfe not utf-8' as ByteName, text('link-bytes'));
}
