/** Every command of the manual is executed: the lines after `$` in its console blocks, page by page, in a home of its own. The output shown there is an example. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varveCommand, varveEnv } from '../support/varve.ts';

const MANUAL = join(import.meta.dirname, '../../docs/manual');

/** What the pages take for granted: a folder in the user's home, saved twice. */
const BEFORE = `mkdir -p ~/docs/letters ~/docs/build
echo 'Dear March hare,' > ~/docs/letters/march.txt
echo 'Dear April showers,' > ~/docs/letters/april.txt
seq 9000 > ~/docs/numbers
echo 'Read me.' > ~/docs/README.md
`;
const SAVED_TWICE = `varve save ~/docs --quiet >/dev/null
echo 'And one more thing.' >> ~/docs/letters/march.txt
varve save ~/docs --quiet >/dev/null
`;

/** A reader takes longer to read on than the daemon to read a few files; and ends it some time. */
const WATCHED = "> ~/said & until grep -q 'varve stop' ~/said; do sleep 0.1; done; trap 'varve stop' EXIT";

describe('the manual', { skip: process.platform === 'win32' && 'its commands are for a POSIX shell' }, () => {
  for (const page of readdirSync(MANUAL).filter((file) => file.endsWith('.md'))) {
    it(`holds in ${page}`, (context) => {
      const home = scratchFolder(context);
      mkdirSync(join(home, 'bin'));
      const [file, args] = varveCommand();
      writeFileSync(join(home, 'bin/varve'), `#!/bin/sh\nexec ${[file, ...args].map((word) => `'${word}'`).join(' ')} "$@"\n`);
      chmodSync(join(home, 'bin/varve'), 0o755);
      const commands = commandsOf(readFileSync(join(MANUAL, page), 'utf8'));
      assert.ok(commands.length > 0);
      const script =
        BEFORE + (page === 'save-and-restore.md' ? '' : SAVED_TWICE) + commands.map((command) => command.replace(/&$/, WATCHED)).join('\n');
      const env = { ...varveEnv(join(home, 'varve')), HOME: home, PATH: `${join(home, 'bin')}${delimiter}${process.env.PATH}` };
      const { status, stderr } = spawnSync('bash', ['-euxc', script], { cwd: home, env, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  }
});

function commandsOf(text: string): string[] {
  return [...text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    [...block.matchAll(/^\$ (.*)$/gm)].map(([, command = '']) => command),
  );
}
