/** Services, with a systemctl of the test's own that writes down what it was told: there is no systemd in most places where tests run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { startDaemon } from '../support/start-daemon.ts';
import { varve } from '../support/varve.ts';

const LIMIT = { skip: process.platform !== 'linux' && 'only Linux has systemd' };

function workbench(context: TestContext) {
  const top = realpathSync(scratchFolder(context));
  const home = join(top, 'a home');
  const bin = join(top, 'bin');
  const told = join(top, 'told');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'systemctl'),
    `#!/bin/sh
echo "$*" >> '${told}'
case "$*" in
*restart*) [ ! -e '${top}/broken' ] || { echo 'Job failed.' >&2; exit 1; } ;;
*show*) printf 'UnitFileState=enabled\\nActiveState=active\\nMainPID=71\\n' ;;
esac
`,
  );
  chmodSync(join(bin, 'systemctl'), 0o755);
  const env = { XDG_CONFIG_HOME: join(top, 'config'), PATH: `${bin}${delimiter}${process.env.PATH}` };
  return {
    top,
    home,
    unit: join(top, 'config/systemd/user/varve.service'),
    told: () => (existsSync(told) ? readFileSync(told, 'utf8').trimEnd().split('\n') : []),
    run: (...args: string[]) => varve(home, ['service', ...args], { cwd: top, env }),
  };
}

describe('service', LIMIT, () => {
  it('install makes a unit, has it started with the system, and starts it', (context) => {
    const { run, unit, told, top } = workbench(context);
    mkdirSync(join(top, 'docs'));
    const { status, stdout, stderr } = run('install', '--user', 'docs');
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `Installed ${unit}, and started it.\n`);
    const text = readFileSync(unit, 'utf8');
    assert.match(text, /^ExecStart=\/.*\/bin\/varve start --quiet$/m);
    assert.match(text, new RegExp(`^Environment="VARVE_HOME=${top}/a home"$`, 'm'));
    assert.match(text, new RegExp(`^Environment=PATH=${dirname(process.execPath)}:`, 'm'));
    assert.equal(statSync(unit).mode & 0o777, 0o644);
    assert.deepEqual(told(), [
      '--user daemon-reload',
      '--user enable varve.service',
      '--user stop varve.service',
      '--user restart varve.service',
    ]);
  });

  it('install has folders watched by every start, until they are removed', (context) => {
    const { run, home, top } = workbench(context);
    const [stays, goes] = ['stays', 'goes'].map((name) => join(top, name)) as [string, string];
    for (const folder of [stays, goes]) mkdirSync(folder);
    writeFileSync(join(stays, 'file'), 'x');
    assert.equal(run('install', '--user', 'stays', 'goes').status, 0);
    assert.equal(varve(home, ['roots', '--remove', goes]).status, 0);
    // What the unit runs, but for its end.
    const { status, stdout, stderr } = varve(home, ['start', '--once', '--json']);
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      JSON.parse(stdout).roots.map(({ path, nodes }: { path: string; nodes: number }) => [path, nodes]),
      [[stays, 2]],
    );
    assert.deepEqual(JSON.parse(varve(home, ['events', '--json']).stdout).kind, 'unwatched');
    assert.equal(varve(home, ['check']).status, 0);
    rmSync(stays, { recursive: true });
    assert.equal(run('install', '--user', 'stays').status, 0, 'one that is known may be missing');
  });

  it('install refuses a folder that is not there, and installs nothing', (context) => {
    const { run, unit, told, top } = workbench(context);
    mkdirSync(join(top, 'docs'));
    const { status, stderr } = run('install', '--user', 'docs', 'dosc');
    assert.deepEqual([status, stderr.split('\n')[0]], [2, `varve: there is no folder ${top}/dosc`]);
    assert.ok(!existsSync(unit));
    assert.deepEqual(told(), []);
  });

  it('install refuses to install what would have nothing to watch', (context) => {
    const { run, unit, told } = workbench(context);
    const { status, stderr } = run('install', '--user');
    assert.deepEqual([status, stderr.split('\n')[0]], [1, 'varve: there is no folder to watch yet']);
    assert.match(stderr, /service install DIR/);
    assert.ok(!existsSync(unit));
    assert.deepEqual(told(), []);
  });

  it('install says that another daemon has the home, and does not name folders to it', async (context) => {
    const { run, home, top } = workbench(context);
    mkdirSync(join(top, 'docs'));
    await startDaemon(context, join(home, 'state'));
    const { status, stderr } = run('install', '--user', 'docs');
    assert.deepEqual([status, /a daemon runs here already/.test(stderr)], [1, true], stderr);
    assert.equal(varve(home, ['roots', '--json']).stdout, '');
  });

  it('install --dry-run prints the unit and changes nothing', (context) => {
    const { run, unit, told } = workbench(context);
    const printed = JSON.parse(run('install', '--user', '--dry-run', '--json').stdout);
    assert.deepEqual([printed.unit, printed.installed], [unit, false]);
    assert.equal(run('install', '--user', '--dry-run').stdout, printed.text);
    assert.ok(!existsSync(unit));
    assert.deepEqual(told(), []);
  });

  it('a unit of the system may watch whole file systems, and one of a user starts with the user', (context) => {
    const { run } = workbench(context);
    const system = run('install', '--system', '--dry-run').stdout;
    assert.match(system, /^CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_READ_SEARCH /m);
    assert.match(system, /^Environment=HOME=/m);
    assert.match(system, /^WantedBy=multi-user\.target$/m);
    const user = run('install', '--user', '--dry-run').stdout;
    assert.doesNotMatch(user, /CapabilityBoundingSet|^Environment=HOME=/m);
    assert.match(user, /^WantedBy=default\.target$/m);
  });

  it('units are as systemd wants them, whatever paths they hold', (context) => {
    const { home, top } = workbench(context);
    if (skipUnless(context, spawnSync('systemd-analyze', ['--version']).status === 0, 'systemd-analyze is not installed')) return;
    for (const kind of ['system', 'user']) {
      const unit = join(top, 'varve.service');
      writeFileSync(unit, varve(`${home} 50% it's "$HOME"\\n`, ['service', 'install', `--${kind}`, '--dry-run']).stdout);
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', `--${kind}`, unit], {
        env: { ...process.env, XDG_RUNTIME_DIR: top },
        encoding: 'utf8',
      });
      assert.deepEqual([status, stdout, stderr], [0, '', ''], kind);
    }
  });

  it('uninstall ends the service and removes its unit, and only if there is one', (context) => {
    const { run, unit, told } = workbench(context);
    assert.equal(run('uninstall', '--user').stdout, `There is no ${unit}.\n`);
    run('install', '--user', '.');
    assert.equal(run('uninstall', '--user', '--dry-run').stdout, `Would remove ${unit}.\n`);
    assert.ok(existsSync(unit));
    assert.equal(run('uninstall', '--user').stdout, `Removed ${unit}.\n`);
    assert.ok(!existsSync(unit));
    assert.deepEqual(told().slice(-2), ['--user disable --now varve.service', '--user daemon-reload']);
  });

  it('status tells what systemd knows', (context) => {
    const { run, unit } = workbench(context);
    assert.deepEqual(JSON.parse(run('status', '--user', '--json').stdout), {
      unit,
      installed: false,
      enabled: true,
      active: 'active',
      pid: 71,
    });
    assert.match(run('--user').stdout, /^State +active, pid 71$/m);
  });

  it('says what systemctl said when that fails', (context) => {
    const { run, top } = workbench(context);
    writeFileSync(join(top, 'broken'), '');
    const { status, stderr } = run('install', '--user', '.');
    assert.equal(status, 1);
    assert.equal(stderr, 'varve: systemctl --user restart varve.service failed: Job failed.\nSee: journalctl --user --unit varve\n');
  });

  it('refuses what cannot be meant', (context) => {
    const { run } = workbench(context);
    for (const args of [['instal'], ['status', 'docs'], ['install', '--user', '--system']])
      assert.equal(run(...args).status, 2, args.join(' '));
  });
});
