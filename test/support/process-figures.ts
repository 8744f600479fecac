import fs from 'node:fs';
import { basename, join } from 'node:path';

/** What a process holds at a moment. */
export interface ProcessFigures {
  /** Its resident memory, and the most that it ever was. */
  readonly memoryBytes: number;
  readonly peakBytes: number;
  readonly threads: number;
  readonly descriptors: number;
}

/** Of a process of this machine, by the kernel's word (proc_pid_status(5)). Linux alone. */
export function processFigures(pid: number): ProcessFigures {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    memoryBytes: field('VmRSS') * 1024,
    peakBytes: field('VmHWM') * 1024,
    threads: field('Threads'),
    descriptors: fs.readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** How many queues of events the kernel keeps for a process, of this one's own making (fanotify) or Node's too (inotify). Linux alone. */
export function kernelQueues(pid: number): { readonly fanotify: number; readonly inotify: number } {
  const links = descriptorLinks(pid);
  const count = (kind: string) => links.filter((link) => link.includes(kind)).length;
  return { fanotify: count('[fanotify]'), inotify: count('inotify') };
}

/** How many descriptors a process has of each kind: the name of the file without its numbers and identifiers, or what the kernel calls what is no file. Linux alone. */
export function descriptorKinds(pid: number): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const link of descriptorLinks(pid).toSorted()) {
    const name = link.startsWith('/') && !link.startsWith('/proc/') ? basename(link) : link;
    const kind = name.replace(/[0-9a-f-]{12,}|[0-9]+/g, '*');
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

/** What its descriptors lead to. */
function descriptorLinks(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return fs.readdirSync(folder).flatMap((fd) => {
    try {
      return [fs.readlinkSync(join(folder, fd))];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
