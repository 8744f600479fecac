/** A moment of a long piece of work. Counts only grow; a total may be unknown at first and may be corrected while work goes on. */
export interface Progress {
  /** What is being done, one word for people: `saving`, `restoring`, `verifying`. */
  readonly phase: string;
  readonly doneItems: number;
  readonly totalItems?: number;
  readonly doneBytes: number;
  readonly totalBytes?: number;
  /** What is in hand right now, as legible text. */
  readonly current?: string;
}

/** Receives progress; called often (never more than once an item or a megabyte), so it must be cheap and do its own thinning. */
export type ProgressListener = (progress: Progress) => void;
