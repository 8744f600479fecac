/**
 * Where the API's methods stand, for the server and for clients. The number is raised when a client of the older API could misread an answer: a daemon of
 * another version then says that it does not know the route.
 */
export const ROUTES = {
  status: '/v1/status',
  pause: '/v1/pause',
  continue: '/v1/continue',
  stop: '/v1/stop',
  syncPoint: '/v1/sync-point',
  events: '/v1/events',
  describe: '/v1/describe',
  unwatch: '/v1/unwatch',
} as const;

/** The code of the error that answers a request for anything else. */
export const UNKNOWN_ROUTE = 'UNKNOWN_ROUTE';
