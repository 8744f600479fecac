import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import type { PackageDatabase } from '../packages/types.ts';
import { PackagesChore } from './packages.ts';

it('packages that cannot be read are a problem, and known as far as they ever will be', (context) => {
  const source: PackageDatabase = {
    manager: 'dpkg',
    stamp: () => 'now',
    packages() {
      throw Object.assign(new Error('not allowed'), { code: 'EACCES', syscall: 'open' });
    },
  };
  const problems: string[] = [];
  let isKnown = false;
  const chore = new PackagesChore(newCatalogue(context), source, {
    onChanged: () => assert.fail('nothing was read'),
    onKnown: () => {
      isKnown = true;
    },
    onProblem: (problem) => problems.push(problem),
  });
  for (const _ of chore.run());
  assert.deepEqual(problems, ['the packages of dpkg cannot be read: not allowed']);
  assert.ok(isKnown);
});
