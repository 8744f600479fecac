import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Follower } from './followers/types.ts';

/** From before a file is made by one process to when another sees it through the follower, in milliseconds. */
export interface Latency {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** Between two changes, so that each is alone: a random time up to this. */
const PAUSE_MS = 20;
/** A change that nobody has seen by then is lost. */
const LOST_MS = 30_000;

/** Makes `changes` files one after another, each when the one before was seen. `name` tells them from those of another measure. */
export async function measureLatency(follower: Follower, folder: string, name: string, changes: number): Promise<Latency> {
  const times: number[] = [];
  for (let i = 0; i < changes; i++) {
    await sleep(Math.random() * PAUSE_MS);
    const file = `${name}-${i}`;
    const lost = AbortSignal.timeout(LOST_MS);
    const start = performance.now();
    writeFileSync(join(folder, file), '');
    await Promise.race([follower.sees(file), once(lost, 'abort').then(() => Promise.reject(new Error(`nobody was told of ${file}`)))]);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const quantile = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] as number;
  return { medianMs: quantile(0.5), p99Ms: quantile(0.99), longestMs: quantile(1) };
}

/** Does `work` while another process changes files of `folder`, so many a second. */
export async function whileChanging<Result>(folder: string, perSecond: number, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(folder);
  const program = join(import.meta.dirname, 'changer.ts');
  const changer: ChildProcess = spawn(process.execPath, [program, folder, String(perSecond)], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(changer.stdout as NodeJS.ReadableStream, 'data');
    return await work();
  } finally {
    const ended = once(changer, 'exit');
    changer.stdin?.end();
    await ended;
  }
}
