import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteName } from '../base/names.ts';
import type { Maker, PastEvent } from '../catalogue/history/types.ts';
import { EventPrinter } from './event-printer.ts';
import { Output } from './output/output.ts';

describe('events as people read them', () => {
  it('stay in columns behind a program with a long name', (context) => {
    const output = Output.open({ json: false, quiet: false, verbose: false, debug: false });
    const lines: string[] = [];
    context.mock.method(output, 'line', (line: string) => lines.push(line));
    const printer = new EventPrinter(output);
    printer.print(eventBy({ executable: '/usr/bin/unattended-upgrades' as ByteName, uid: 4_000_000 }));
    printer.print(eventBy({ pid: 31_244, uid: 4_000_000 }));
    assert.match(lines[0] as string, /unattended-upgrades \(4000000\) {2}\+ \/w\/a/);
    assert.match(lines[1] as string, / pid 31244 \(4000000\) /);
    assert.equal(lines[0]?.indexOf('+ /w/a'), lines[1]?.indexOf('+ /w/a'));
  });
});

function eventBy(maker: Partial<Maker>): PastEvent {
  return { id: 1, time: 0n, kind: 'created', path: '/w/a', origin: 'live', maker } as PastEvent;
}
