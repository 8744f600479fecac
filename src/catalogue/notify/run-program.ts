import { type ChildProcess, spawn } from 'node:child_process';
import { ChannelError } from './errors.ts';

export interface Program {
  /** Program and arguments; no shell sees them. */
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Whose rights it runs with; those of this process when left out. */
  readonly as?: { readonly uid: number; readonly gid: number };
}

/** Of what a program complains about, so much is kept. */
const MAX_COMPLAINT_LENGTH = 500;

/**
 * Runs a program to its end. Throws ChannelError in the name of `channel` unless it ends with status 0 in time; otherwise it is killed with
 * all that it has started.
 */
export async function runProgram(channel: string, { argv, stdin, env, timeoutMs, as }: Program, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [program = '', ...args] = argv;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failToStart = (error: unknown) =>
    new ChannelError(channel, `cannot be started: ${(error as { code?: string }).code}`, { isLasting: true, cause: error });
  let child: ChildProcess;
  try {
    // A group of its own, so that all of it can be ended.
    child = spawn(program, args, { env: { ...env }, stdio: ['pipe', 'ignore', 'pipe'], detached: true, ...as });
  } catch (error) {
    // Some errors of the kernel are thrown, others told by an event.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw failToStart(error);
  }
  const end = () => {
    killGroup(child);
    // What it has started may hold on to this for as long as it lives.
    child.stderr?.destroy();
  };
  const timer = setTimeout(() => {
    end();
    reject(new ChannelError(channel, `not done within ${timeoutMs / 1000} s`, { isLasting: false }));
  }, timeoutMs);
  const stop = () => {
    end();
    reject(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });

  let complaint = '';
  // Without descriptors there are no streams, and an error follows.
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, MAX_COMPLAINT_LENGTH);
  });
  child.on('error', (error) => reject(failToStart(error)));
  child.on('exit', (status, killed) => {
    if (status === 0) resolve();
    else
      reject(
        new ChannelError(channel, `ended with ${killed ?? `status ${status}`}${complaint === '' ? '' : `: ${complaint.trim()}`}`, {
          isLasting: false,
        }),
      );
  });
  // A program need not read what it is given.
  child.stdin?.on('error', () => {}).end(stdin);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    child.stderr?.destroy();
  }
}

/** Ends a program with all that it has started, as far as this process may: one that runs as somebody else ends by itself. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}
