/**
 * Upkeep: work on the catalogue that nobody waits for. Its writer's thread does it while it has nothing better to do, in steps between which it takes in
 * what happens.
 */
export interface Chore {
  /** In how many ms there is something to do, 0 for now; undefined: not before `Upkeep.goOn` is called. Asked often: cheap. */
  dueInMs(): number | undefined;
  /** One run of it, outside of transactions; each step takes some ms at most. One that is given up goes on the next time. */
  run(): Generator<void, void>;
}
