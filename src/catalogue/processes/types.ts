import type { ByteName } from '../../base/names.ts';

/** Who made a change: as much as could be found out before the process was gone. */
export interface ProcessInfo {
  readonly pid: number;
  /**
   * When it began, in ns since 1970 as far as the clock of the kernel's start is right; with the pid it names a process. 0: gone before it
   * could be seen.
   */
  readonly started: bigint;
  readonly executable: ByteName | undefined;
  /** The unit of systemd it runs in: `ssh.service`, `session-2.scope`. */
  readonly unit: string | undefined;
  /** The real user, who started it. */
  readonly uid: number | undefined;
}
