/** A monitor in a process of its own, which can be halted. For each line that it reads, it prints what is there by now, a path a line, and an empty line. */
import { createInterface } from 'node:readline';
import { type MonitorOptions, monitor } from '../../src/monitor/index.ts';
import { Replay } from './monitored.ts';

const [top, source] = process.argv.slice(2) as [string, NonNullable<MonitorOptions['source']>];
const replay = new Replay();
const changes = monitor(top, { source, intervalMs: 300 });
const lines = createInterface(process.stdin);
lines.on('line', async () => {
  await changes.sync();
  process.stdout.write(`${[...replay.states.keys()].join('\n')}\n\n`);
});
lines.on('close', () => changes.close());
for await (const change of changes) replay.apply(change);
