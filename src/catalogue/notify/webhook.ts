import { ChannelError } from './errors.ts';
import type { Channel } from './types.ts';

/** Statuses after which trying again may help: timeout, too early, too many requests; and every fault of the server. */
const PASSING = [408, 425, 429];

/** Sends notifications as JSON by POST. The address may hold a secret, so only its origin is ever shown; redirections are not followed. */
export function webhook(url: URL, timeoutMs = 10_000): Channel {
  const name = `webhook ${url.origin}`;
  return {
    name,
    async send(notification, signal) {
      const timeout = AbortSignal.timeout(timeoutMs);
      let response: Response;
      try {
        response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'varve' },
          body: JSON.stringify(notification),
          redirect: 'manual',
          signal: AbortSignal.any([signal, timeout]),
        });
        // Nobody needs the body, however long it is.
        await response.body?.cancel();
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.aborted) throw new ChannelError(name, `no answer within ${timeoutMs / 1000} s`, { isLasting: false });
        const reason = (error as { cause?: Error }).cause ?? (error as Error);
        throw new ChannelError(name, (reason as { code?: string }).code ?? reason.message, { isLasting: false });
      }
      if (response.ok) return;
      const isLasting = response.status < 500 && !PASSING.includes(response.status);
      throw new ChannelError(name, `answered ${response.status}`, { isLasting, waitMs: retryAfterMs(response.headers.get('retry-after')) });
    },
  };
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const waitMs = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
