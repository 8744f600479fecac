import type { ThreadFailure } from '../base/thread-failure.ts';

/** What the daemon tells a thread: its own messages, and what every thread obeys. Pausing and continuing are never answered; `stop` is the last thing said. */
export type ToThread<In> =
  | { readonly kind: 'message'; readonly message: In }
  | { readonly kind: 'pause' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'stop' };

/** What a thread tells the daemon. `failed` and `stopped` are the last thing said: a thread that ends without either has died. */
export type FromThread<Out> =
  | { readonly kind: 'message'; readonly message: Out }
  | { readonly kind: 'failed'; readonly failure: ThreadFailure }
  | { readonly kind: 'stopped' };
