import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FormatError, NewerFormatError } from '../../src/base/errors.ts';
import { campaignRandom, type Random, sizeFromEnv } from './random.ts';

/** Far above what any decoder needs for an input of some kilobytes, and far below what a person would call hanging. */
const SLOWEST_MS = 2000;
/** Bounds on what decoders may keep or ask for at once are tens of megabytes. */
const MOST_BYTES = 400e6;

/**
 * Gives a decoder `VARVE_FUZZ_RUNS` times `scale` inputs: valid ones, mutated. Whatever it is given, it returns or throws one of the errors for bad formats, in bounded time and memory.
 * `VARVE_SEED` plays a run again.
 */
export async function fuzz(
  context: TestContext,
  make: (random: Random) => Buffer,
  decode: (input: Buffer) => unknown,
  scale = 1,
): Promise<void> {
  const random = campaignRandom(context);
  const runs = Math.ceil(sizeFromEnv('VARVE_FUZZ_RUNS', 2000) * scale);
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const input = mutate(make(random), random);
    const startedAt = performance.now();
    try {
      await decode(input);
    } catch (error) {
      const where = `run ${run}: ${input.subarray(0, 200).toString('hex')}`;
      assert.ok(error instanceof FormatError || error instanceof NewerFormatError, `${where}: ${(error as Error).stack}`);
      refused++;
    }
    assert.ok(performance.now() - startedAt < SLOWEST_MS, `run ${run} took too long`);
    if (run % 1000 === 0) {
      // Only then is what belongs to native modules given back.
      await new Promise((resolve) => setImmediate(resolve));
      assertMemory(run);
    }
  }
  context.diagnostic(`${runs} inputs, ${refused} refused`);
}

/** Of what is in use: what has been given back and not collected yet does not count. */
function assertMemory(run: number): void {
  if (process.memoryUsage.rss() < MOST_BYTES) return;
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  assert.ok(heapUsed + external < MOST_BYTES, `run ${run}: ${heapUsed} + ${external} bytes`);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Changes an input in one of the ways in which bytes go wrong, or people make them go wrong; one in sixteen stays as it is. */
function mutate(input: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(input);
  for (let times = random.below(4); times > 0 && bytes.length > 0; times--) {
    const at = random.below(bytes.length);
    switch (random.below(6)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
        break;
      case 2:
        random.bytes(Math.min(8, bytes.length - at)).copy(bytes, at);
        break;
      case 3:
        bytes.copyWithin(at, random.below(bytes.length));
        break;
      case 4:
        return bytes.subarray(0, at);
      case 5:
        return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(40)), bytes.subarray(at)]);
    }
  }
  return bytes;
}
