import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WatchLimits, watchLimits, watchShortages } from './limits.ts';

function limits(marks: number | undefined, queues: number, events: number): WatchLimits {
  return {
    marks: { setting: 'fs.inotify.max_user_watches', value: marks },
    queues: { setting: 'fs.inotify.max_user_instances', value: queues },
    events: { setting: 'fs.inotify.max_queued_events', value: events },
  };
}

test('limits that suffice are no shortage', () => {
  assert.deepEqual(watchShortages(limits(200_000, 128, 1 << 17), 100_000), []);
  assert.deepEqual(watchShortages(limits(undefined, 128, 1 << 17), 100_000), []);
});

test('a limit that is too low comes with the line that mends it', () => {
  const shortages = watchShortages(limits(8192, 128, 16_384), 100_000);
  assert.deepEqual(
    shortages.map(({ line }) => line),
    ['fs.inotify.max_user_watches = 131072', 'fs.inotify.max_queued_events = 131072'],
  );
  assert.ok((shortages[0]?.needed as number) > 100_000);
});

test("the kernel's limits are read", () => {
  if (process.platform !== 'linux') return;
  const { marks, queues, events } = watchLimits('inotify');
  for (const { setting, value } of [marks, queues, events]) assert.ok((value as number) > 0, setting);
});
