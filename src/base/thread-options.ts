import type { WorkerOptions } from 'node:worker_threads';

/** Of every thread. */
export const THREAD_OPTIONS: WorkerOptions = {
  // What the program was started with (`--input-type`) may be nothing for a thread.
  execArgv: [],
  // Memory that was touched once counts as in use, hence a small young generation.
  resourceLimits: { maxYoungGenerationSizeMb: 4 },
};
