import { libc } from '../posix/libc.ts';
import { IOPRIO_IDLE, IOPRIO_WHO_PROCESS, PRIO_PROCESS, SYS_IOPRIO_SET } from './flags.ts';

const LEAST_NICE = 19;
/** To both calls 0 is the thread that calls: on Linux both priorities belong to threads (setpriority(2), "C library/kernel differences"; ioprio_set(2)). */
const CALLING_THREAD = 0;

export function lowerPriority(): boolean {
  const processor = libc.setpriority(PRIO_PROCESS, CALLING_THREAD, LEAST_NICE) === 0;
  const disk = libc.ioprio_set(SYS_IOPRIO_SET, IOPRIO_WHO_PROCESS, CALLING_THREAD, IOPRIO_IDLE) === 0;
  return processor && disk;
}
