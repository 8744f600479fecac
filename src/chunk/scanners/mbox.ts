import type { Format } from '../types.ts';
import { leastPartBytes } from './least-part.ts';
import { PatternScanner } from './pattern-scanner.ts';

/** Mailboxes: a message begins with a line `From ` after an empty line (RFC 4155). Messages move between folders and away, whole. */
export const mbox: Format = {
  name: 'mbox',
  extensions: ['mbox', 'mbx'],
  exclusive: false,
  matches: (head) => /^From \S+ +\S+ \S+ +\d/.test(Buffer.from(head.subarray(0, 200)).toString('latin1')),
  open: (bounds) => new PatternScanner({ pattern: Buffer.from('\n\nFrom '), shift: 2, leastBytes: leastPartBytes(bounds) }),
};
