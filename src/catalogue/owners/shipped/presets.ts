/** Flags that many shipped rules share. */

/** Can be made again or fetched again, or never was content; it changes all the time, and only sums are worth knowing. */
export const CACHE = { keep: false, hash: false, record: [] } as const;
/** Can be made again from what lies beside it; that it came and went may be worth knowing. */
export const BUILT = { keep: false, hash: false, record: ['create', 'delete', 'move'] } as const;
/** Grows or changes by itself, and its past is of use for a while. */
export const PASSING = { keep: true, hash: true, record: ['create', 'delete', 'move'], retention: '30 days' } as const;
/** What people would miss. */
export const PRECIOUS = { keep: true, hash: true, retention: 'forever' } as const;
