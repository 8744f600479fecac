import type { ResourceLimits } from 'node:worker_threads';

/** Of every thread: memory that was touched once counts as in use, hence a small young generation. */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 4 };
