import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'smol-toml';
import type { ByteName } from '../../base/names.ts';
import { OwnerMatcher } from '../owners/matcher.ts';
import { ruleOf } from '../owners/rule-table.ts';
import { proposeOwners, ruleFileOf } from './propose.ts';

const homes = ['/home/ann'] as ByteName[];
const matcher = new OwnerMatcher([ruleOf('mine', { folders: ['/srv/owned'] }, 'user')], homes);
const context = { homes, matcher, roots: [] };

function wrote(executable: string, folder: string, count: number, unit?: string) {
  return { executable: executable as ByteName, folder: folder as ByteName, count, unit };
}

describe('proposing owners', () => {
  it('gives a program the highest folder in which it has made nearly all changes', () => {
    const proposals = proposeOwners(
      [
        wrote('/usr/bin/game', '/home/ann/.local/share/game/saves', 50),
        wrote('/usr/bin/game', '/home/ann/.local/share/game', 5),
        wrote('/bin/cp', '/home/ann', 99),
      ],
      context,
    );
    assert.deepEqual(proposals, [
      { id: 'game', comment: 'Folders that only game was seen to change', folders: ['~/.local/share/game'], own: 55, all: 55 },
    ]);
  });

  it('gives nobody a watched folder as a whole', () => {
    const roots = ['/srv/a/data'] as ByteName[];
    const proposals = proposeOwners([wrote('/usr/bin/game', '/srv/a/data/saves', 50)], { ...context, roots });
    assert.deepEqual(
      proposals.map(({ folders }) => folders),
      [['/srv/a/data/saves']],
    );
  });

  it('gives nobody what several change, what is hardly changed, and what has an owner', () => {
    const counts = [
      ...[wrote('/usr/bin/a', '/srv/a/both', 50), wrote('/usr/bin/b', '/srv/a/both', 20)],
      wrote('/usr/bin/a', '/srv/b/rare', 3),
      wrote('/usr/bin/a', '/srv/owned/x', 500),
      wrote('/usr/bin/a', '/srv', 500),
    ];
    assert.deepEqual(proposeOwners(counts, context), []);
  });

  it('never proposes programs that work on files of anybody, and calls scripts by their service', () => {
    const counts = [
      wrote('/usr/bin/bash', '/srv/x/scripts', 100),
      wrote('/usr/bin/python3.13', '/srv/x/unknown', 100),
      wrote('/usr/bin/python3.13', '/srv/x/known', 100, 'my-app.service'),
    ];
    assert.deepEqual(
      proposeOwners(counts, context).map(({ id, folders }) => [id, folders]),
      [['my-app', ['/srv/x/known']]],
    );
  });

  it('writes rule files that mean just these folders', () => {
    const [proposal] = proposeOwners(
      [wrote('/usr/bin/odd "tool"', '/home/ann/Odd [1] {ü}/x', 40)].map((row) => ({
        ...row,
        folder: Buffer.from(row.folder).toString('latin1') as ByteName,
      })),
      context,
    );
    assert.ok(proposal);
    const rule = ruleOf(proposal.id, parse(ruleFileOf(proposal)), 'user');
    const matcher = new OwnerMatcher([rule], homes);
    assert.equal(matcher.ownerOf(Buffer.from('/home/ann/Odd [1] {ü}/x').toString('latin1') as ByteName)?.id, 'odd-tool');
    assert.equal(matcher.ownerOf('/home/ann/Odd 1 u' as ByteName), undefined);
  });
});
