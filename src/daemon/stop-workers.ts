import type { StopOutcome } from './supervised-worker.ts';

/** What `stopWorkers` needs of a SupervisedWorker. */
interface Stoppable {
  readonly name: string;
  stop(withinMs: number): Promise<StopOutcome>;
}

/**
 * Stops threads stage by stage, those of a stage at once: producers first, so that whoever takes what they make can still take it. All stages together have
 * `withinMs`, and each has an equal share of what is left of it, so that one thread that does not listen takes no time from those behind it. Returns the outcome of each thread by its name.
 */
export async function stopWorkers(stages: readonly (readonly Stoppable[])[], withinMs: number): Promise<ReadonlyMap<string, StopOutcome>> {
  const deadline = performance.now() + withinMs;
  const outcomes = new Map<string, StopOutcome>();
  for (const [index, stage] of stages.entries()) {
    const share = Math.max(0, deadline - performance.now()) / (stages.length - index);
    await Promise.all(stage.map(async (worker) => outcomes.set(worker.name, await worker.stop(share))));
  }
  return outcomes;
}
