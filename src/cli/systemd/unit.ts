/** What a unit of systemd for the daemon is made of; all paths are absolute. */
export interface UnitSpecification {
  /** For the whole system, run by root; else for one user. */
  readonly isSystem: boolean;
  /** `bin/varve`. */
  readonly launcher: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The text of `varve.service`. What is watched it leaves to the catalogue: a folder that it named would be watched again after `roots --remove`, and nothing at all where one is missing. Of systemd's hardening it takes what leaves the file system as it is: the daemon has to see the trees of its users, `/tmp` and
 * `/home` among them, at their own paths and mounts.
 */
export function unitText({ isSystem, launcher, environment }: UnitSpecification): string {
  return [
    '# Made by "varve service install", which replaces it.',
    '[Unit]',
    'Description=Varve, the memory of your files',
    'Documentation=man:varve(1)',
    'StartLimitIntervalSec=300',
    'StartLimitBurst=5',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${quote(launcher)} start --quiet`,
    ...Object.entries(environment).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`),
    'Restart=on-failure',
    'RestartSec=5',
    '# Used wrongly: it would be so again.',
    'RestartPreventExitStatus=2',
    'TimeoutStopSec=10',
    'UMask=0077',
    '',
    '# It has to see the files of its users as they are: so nothing here gives it a file system of its own.',
    ...HARDENING,
    ...(isSystem ? SYSTEM_HARDENING : []),
    '',
    '[Install]',
    `WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n');
}

const HARDENING = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
  'SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap',
  'SystemCallErrorNumber=EPERM',
];

/** To watch whole file systems (SYS_ADMIN), read every file and leave its access time alone, write its own, and name the programs of all users. */
const SYSTEM_HARDENING = ['CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_FOWNER CAP_SYS_PTRACE'];

/** A word as systemd.syntax(7) reads it back: `%` begins a specifier, quotes and backslashes are as in C. */
function quote(word: string): string {
  const plain = word.replaceAll('%', '%%');
  if (/^[\w@%+=:,./-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
