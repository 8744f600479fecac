import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitFindings } from './watch-findings.ts';

function limits(marks: number, events: number) {
  return {
    marks: { setting: 'fs.inotify.max_user_watches', value: marks },
    queues: { setting: 'fs.inotify.max_user_instances', value: 128 },
    events: { setting: 'fs.inotify.max_queued_events', value: events },
  };
}

test('limits that suffice for the catalogue are good', () => {
  assert.deepEqual(
    [...limitFindings('inotify', limits(1 << 20, 1 << 17), 100_000)],
    [
      {
        check: 'watching',
        state: 'good',
        found: 'by inotify, 1,048,576 folders at the most, 131,072 events in a queue; the catalogue has 100,000 folders',
      },
    ],
  );
});

test('a short queue is no fault, since what it loses is found by a scan, but can be mended', () => {
  const [finding, ...others] = limitFindings('inotify', limits(1 << 20, 16_384), 10);
  assert.deepEqual([finding?.state, others.length], ['good', 0]);
  assert.match(finding?.advice ?? '', /max_queued_events = 131072/);
});

test('a limit that is too low comes with what is needed and the line that mends it', () => {
  const [finding, ...others] = limitFindings('inotify', limits(65_536, 1 << 17), 100_000);
  assert.deepEqual([finding?.state, others.length], ['warning', 0]);
  assert.match(finding?.found ?? '', /max_user_watches is 65,536, and 108,192 would be better; the catalogue has 100,000 folders/);
  assert.equal(
    finding?.advice,
    "As root: sysctl -w 'fs.inotify.max_user_watches=131072' && echo 'fs.inotify.max_user_watches = 131072' >> /etc/sysctl.d/60-varve.conf",
  );
});
