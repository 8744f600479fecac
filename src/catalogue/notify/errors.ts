import { VarveError } from '../../base/errors.ts';

/** A notification did not get through. `isLasting`: trying again would end alike. */
export class ChannelError extends VarveError {
  readonly isLasting: boolean;
  /** How long the other side asks to wait. */
  readonly waitMs: number | undefined;

  constructor(channel: string, problem: string, how: { isLasting: boolean; waitMs?: number | undefined; cause?: unknown }) {
    super('NOTIFY', `${channel}: ${problem}`, { advice: 'Check the settings of [notify].', cause: how.cause });
    this.isLasting = how.isLasting;
    this.waitMs = how.waitMs;
  }
}
