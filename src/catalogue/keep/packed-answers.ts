import type { Digest } from '../../hash/types.ts';
import type { FileAnswer } from './types.ts';

/**
 * The answers to a batch on their way from a hashing thread, as columns: an object and two buffers for each file would cost the thread that gets them more to take over, and to collect
 * later, than all that it does with them.
 */
export interface PackedAnswers {
  /** Index into KINDS of each. */
  readonly kinds: Uint8Array;
  readonly sizes: Float64Array;
  /** Two of each: where its digest and where its ref end in `bytes`. Without a ref both are one. */
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of those that were unreadable, in order. */
  readonly errors: readonly { readonly code: string; readonly call: string }[];
}

const KINDS: readonly FileAnswer['kind'][] = ['hashed', 'changed', 'vanished', 'unreadable'];

export function packAnswers(answers: readonly FileAnswer[]): PackedAnswers {
  const kinds = new Uint8Array(answers.length);
  const sizes = new Float64Array(answers.length);
  const ends = new Uint32Array(2 * answers.length);
  const bytes = new Uint8Array(answers.reduce((sum, answer) => sum + bytesOf(answer), 0));
  const errors: { code: string; call: string }[] = [];
  let end = 0;
  const append = (part: Uint8Array | undefined): number => {
    if (part !== undefined) bytes.set(part, end);
    end += part?.length ?? 0;
    return end;
  };
  for (const [item, answer] of answers.entries()) {
    kinds[item] = KINDS.indexOf(answer.kind);
    if (answer.kind === 'unreadable') errors.push({ code: answer.code, call: answer.call });
    if (answer.kind === 'hashed') sizes[item] = answer.size;
    ends[2 * item] = append(answer.kind === 'hashed' ? answer.digest : undefined);
    ends[2 * item + 1] = append(answer.kind === 'hashed' ? answer.ref : undefined);
  }
  return { kinds, sizes, ends, bytes, errors };
}

/** The answers again. Their digests and refs are views of `bytes`. */
export function unpackAnswers({ kinds, sizes, ends, bytes, errors }: PackedAnswers): FileAnswer[] {
  let from = 0;
  let unreadable = 0;
  return Array.from(kinds, (number, item) => {
    const kind = KINDS[number] as FileAnswer['kind'];
    if (kind === 'unreadable') return { kind, ...(errors[unreadable++] as { code: string; call: string }) };
    if (kind !== 'hashed') return { kind };
    const middle = ends[2 * item] as number;
    const end = ends[2 * item + 1] as number;
    const digest = bytes.subarray(from, middle) as Digest;
    const ref = end > middle ? bytes.subarray(middle, end) : undefined;
    from = end;
    return { kind, digest, size: sizes[item] as number, ref };
  });
}

function bytesOf(answer: FileAnswer): number {
  return answer.kind === 'hashed' ? answer.digest.length + (answer.ref?.length ?? 0) : 0;
}
