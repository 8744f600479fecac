import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../measure.ts';
import type { Corpus } from './types.ts';

/** Five successive minor releases of three npm packages; each revision holds one release of every package. */
const RELEASES: readonly (readonly string[])[] = [
  ['typescript@5.5.4', 'webpack@5.104.1', 'core-js@3.44.0'],
  ['typescript@5.6.3', 'webpack@5.105.4', 'core-js@3.45.1'],
  ['typescript@5.7.3', 'webpack@5.106.2', 'core-js@3.46.0'],
  ['typescript@5.8.3', 'webpack@5.107.2', 'core-js@3.47.0'],
  ['typescript@5.9.3', 'webpack@5.108.4', 'core-js@3.48.0'],
];

export const releases: Corpus = {
  name: 'releases',
  about: 'five successive releases of the npm packages typescript, webpack and core-js, unpacked',
  async make(folder) {
    for (const [i, packages] of RELEASES.entries()) {
      for (const spec of packages) await unpack(spec, join(folder, String(i + 1), spec.replace(/@.*/, '')));
    }
  },
};

async function unpack(spec: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  const packed = await runToEnd({ argv: ['npm', 'pack', '--silent', '--ignore-scripts', spec], cwd: target });
  const file = join(target, packed.trim());
  await runToEnd({ argv: ['tar', '-xzf', file, '--strip-components=1', '-C', target] });
  await runToEnd({ argv: ['rm', file] });
}
