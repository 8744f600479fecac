import { runToEnd } from '../measure.ts';
import type { Corpus } from './types.ts';

/** A copy of /usr: programs, libraries, documents and sources of every size, with links. */
export const usr: Corpus = {
  name: 'usr',
  about: 'a copy of /usr',
  async make(folder) {
    await runToEnd({ argv: ['cp', '-a', '--reflink=auto', '--one-file-system', '/usr/.', folder] });
  },
};
