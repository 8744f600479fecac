import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { newCatalogue } from '../../../test/support/catalogue.ts';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import type { ByteName } from '../../base/names.ts';
import { startTicks, unitOf } from './proc.ts';
import { ProcessRows } from './process-rows.ts';
import { ProcessTable } from './process-table.ts';

function skip(context: TestContext): boolean {
  return skipUnless(context, existsSync('/proc/self/stat'), 'needs /proc of Linux');
}

/** A process that lives until its input ends. */
function waiting(context: TestContext): ChildProcess & { pid: number } {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
  context.after(() => child.kill());
  assert.ok(child.pid);
  return child as ChildProcess & { pid: number };
}

describe('looking at a process', () => {
  it('tells its executable, user and beginning', (context) => {
    if (skip(context)) return;
    const { started, executable, uid } = new ProcessTable().look(process.pid);
    assert.equal(executable, realpathSync(process.execPath));
    assert.equal(uid, process.getuid?.());
    const seconds = Number(started / 1_000_000_000n);
    assert.ok(Math.abs(seconds - (Date.now() / 1000 - process.uptime())) < 5, String(seconds));
  });

  it('tells of one that is gone what was seen before, else only its number', async (context) => {
    if (skip(context)) return;
    const child = waiting(context);
    const table = new ProcessTable();
    const before = table.look(child.pid, 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(table.look(child.pid, 1e9), before);
    const unseen = new ProcessTable().look(child.pid);
    assert.deepEqual(unseen, { pid: child.pid, started: 0n, executable: undefined, unit: undefined, uid: undefined });
  });

  it('does not take one that is gone for another that had its number long ago', (context) => {
    const proc = scratchFolder(context);
    const write = (name: string, text: string) => {
      mkdirSync(join(proc, name, '..'), { recursive: true });
      writeFileSync(join(proc, name), text);
    };
    const fields = ['S', ...Array(18).fill('0'), '4711', '0'].join(' ');
    write('sys/kernel/pid_max', '32768\n');
    write('7/stat', `7 (one) ${fields}\n`);
    write('7/status', 'Uid:\t1000\t1000\n');
    write('stat', 'btime 1\nprocesses 100\n');
    const table = new ProcessTable(proc);
    const seen = table.look(7, 0);
    assert.equal(seen.uid, 1000);
    rmSync(join(proc, '7'), { recursive: true });
    write('stat', 'btime 1\nprocesses 10000\n');
    assert.equal(table.look(7, 1e9), seen, 'no process can have had that number since');
    write('stat', 'btime 1\nprocesses 20000\n');
    assert.equal(table.look(7, 2e9).uid, undefined);
  });

  it('does without the name of an executable that is longer than any path', async (context) => {
    if (skip(context)) return;
    const folder = realpathSync(scratchFolder(context));
    // No call takes so long a path: one goes there step by step.
    const script = `for (let i = 0; i < 30; i++) {
      fs.mkdirSync('${'x'.repeat(200)}');
      process.chdir('${'x'.repeat(200)}');
    }
    fs.copyFileSync('/bin/cat', 'y');
    console.log(child_process.spawn('./y', { stdio: ['pipe', 'inherit', 'inherit'] }).pid);`;
    const child = spawn(process.execPath, ['-e', script], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    context.after(() => child.kill());
    const [pid] = await once(child.stdout, 'data');
    const { executable, started } = new ProcessTable().look(Number(pid));
    assert.equal(executable, undefined);
    assert.notEqual(started, 0n);
  });

  it('notices that a process has become another program', async (context) => {
    if (skip(context)) return;
    const child = spawn('sh', ['-c', 'echo ready; read line; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    context.after(() => child.kill());
    await once(child.stdout, 'data');
    const table = new ProcessTable();
    const shell = table.look(child.pid as number, 0);
    child.stdin.write('go\nmore\n');
    await once(child.stdout, 'data');
    const cat = table.look(child.pid as number, 1);
    assert.notEqual(cat.executable, shell.executable);
    assert.equal(cat.started, shell.started);
  });

  it('survives names with parentheses and spaces', (context) => {
    if (skip(context)) return;
    const title = process.title;
    process.title = ') 1 2 (';
    context.after(() => {
      process.title = title;
    });
    assert.ok((startTicks(process.pid) ?? 0n) > 0n);
  });
});

describe('the unit of a process', () => {
  it('is the innermost one of its control groups', () => {
    assert.equal(unitOf('0::/system.slice/ssh.service\n'), 'ssh.service');
    assert.equal(unitOf('0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-12.scope\n'), 'app-firefox-12.scope');
    assert.equal(unitOf('0::/system.slice/dev-disk-by\\x2dlabel.swap/sub\n'), 'dev-disk-by-label.swap');
    assert.equal(unitOf('9:name=systemd:/system.slice/cron.service\n4:memory:/x\n0::/\n'), 'cron.service');
    assert.equal(unitOf('0::/\n'), undefined);
  });
});

describe('the row of a process', () => {
  it('is one, and is filled as more becomes known', (context) => {
    const database = newCatalogue(context);
    const rows = new ProcessRows(database);
    const first = rows.idOf({ pid: 7, started: 5n, executable: undefined, unit: undefined, uid: 3 });
    assert.equal(rows.idOf({ pid: 7, started: 5n, executable: '/bin/\xff' as ByteName, unit: 'a.service', uid: undefined }), first);
    assert.notEqual(rows.idOf({ pid: 7, started: 6n, executable: undefined, unit: undefined, uid: 3 }), first);
    const row = database.prepare('SELECT executable, unit, uid FROM process WHERE id = ?').get(first);
    assert.deepEqual({ ...row }, { executable: new Uint8Array(Buffer.from('/bin/\xff', 'latin1')), unit: 'a.service', uid: 3 });
  });
});
