import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { validator } from 'hono/validator';
import { UsageError, VarveError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { describeError } from '../base/thread-failure.ts';
import { readDescription } from './description.ts';
import { DaemonStoppingError } from './errors.ts';
import { readEventQuery } from './event-query.ts';
import { toNdjson } from './ndjson.ts';
import { readPaths } from './path-list.ts';
import { ROUTES, UNKNOWN_ROUTE } from './routes.ts';
import type { DaemonControl } from './types.ts';
import { toWire } from './wire-error.ts';

/** Descriptions are a line with a path, and of folders some are named at once. */
const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * The daemon's API as an application of Hono, whatever it is served on. It asks nobody who they are: that is for the listener in front of it.
 *
 * A client that goes away aborts what it asked for. So does `stopping`, for requests that may take long.
 */
export function controlApi(control: DaemonControl, log: Log, stopping: AbortSignal) {
  const untilGone = (request: Request, ...others: AbortSignal[]) => AbortSignal.any([request.signal, stopping, ...others]);

  return new Hono()
    .onError((error, c) => {
      if (!c.req.raw.signal.aborted) logBug(log, 'a request failed', error);
      return c.json(toWire(error), statusOf(error));
    })
    .notFound((c) => c.json(toWire(new VarveError(UNKNOWN_ROUTE, `there is no ${c.req.method} ${c.req.path}`)), 404))
    .use(
      bodyLimit({
        maxSize: BODY_LIMIT_BYTES,
        onError: (c) => c.json(toWire(new UsageError(`a request may have at most ${BODY_LIMIT_BYTES} bytes`)), 413),
      }),
    )
    .get(ROUTES.status, async (c) => c.json(await control.status()))
    .post(ROUTES.pause, async (c) => {
      await control.pause();
      return c.json({});
    })
    .post(ROUTES.continue, async (c) => {
      await control.continue();
      return c.json({});
    })
    .post(ROUTES.stop, async (c) => {
      await control.stop();
      return c.json({});
    })
    .post(ROUTES.syncPoint, async (c) => {
      stopping.throwIfAborted();
      return c.json(await control.syncPoint(untilGone(c.req.raw)));
    })
    .post(ROUTES.describe, async (c) => {
      await control.describe(readDescription(await c.req.json().catch(notJson)));
      return c.json({});
    })
    .post(ROUTES.unwatch, async (c) => {
      stopping.throwIfAborted();
      await control.unwatch(readPaths(await c.req.json().catch(notJson)), untilGone(c.req.raw));
      return c.json({});
    })
    .get(
      ROUTES.events,
      validator('query', (query) => readEventQuery(query)),
      (c) => {
        stopping.throwIfAborted();
        const reader = new AbortController();
        const signal = untilGone(c.req.raw, reader.signal);
        const onError = (error: unknown) => {
          if (!signal.aborted) logBug(log, 'a stream of events failed', error);
        };
        const lines = control.events(c.req.valid('query'), signal);
        return c.body(
          toNdjson(lines, () => reader.abort(), onError),
          200,
          { 'Content-Type': 'application/x-ndjson' },
        );
      },
    );
}

function notJson(): never {
  throw new UsageError('the body of the request is no JSON');
}

/** What a client is told shortly, whoever mends it needs whole. */
function logBug(log: Log, message: string, error: unknown): void {
  if (!describeError(error).expected) log.write('error', message, { error });
}

function statusOf(error: unknown): 400 | 500 | 503 {
  if (error instanceof UsageError) return 400;
  return error instanceof DaemonStoppingError ? 503 : 500;
}
