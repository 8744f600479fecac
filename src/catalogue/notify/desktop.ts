import { runProgram } from './run-program.ts';
import { bodyOf, titleOf } from './text.ts';
import type { Channel, Notification } from './types.ts';

export interface DesktopOptions {
  /** Whose desktop it is; that of this process when left out. Another user's can be reached by root alone. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Address of the session's bus; from the environment for this process's own user, else the one that systemd gives to each user. */
  readonly bus?: string;
  readonly timeoutMs?: number;
}

const NAME = 'desktop';

/** Shows notifications on a desktop by notify-send of libnotify, which talks to whatever shows them there. */
export function desktop({ user, bus, timeoutMs = 10_000 }: DesktopOptions = {}): Channel {
  return {
    name: NAME,
    send(notification, signal) {
      const own = user === undefined ? process.env.DBUS_SESSION_BUS_ADDRESS : undefined;
      const address = bus ?? own ?? `unix:path=/run/user/${user?.uid ?? process.getuid?.()}/bus`;
      const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: address };
      return runProgram(NAME, { argv: argvOf(notification), stdin: '', env, timeoutMs, ...(user && { as: user }) }, signal);
    },
  };
}

function argvOf(notification: Notification): string[] {
  const urgency = notification.kinds.rotted === undefined ? 'normal' : 'critical';
  return ['notify-send', '--app-name=Varve', `--urgency=${urgency}`, '--', titleOf(notification), markup(bodyOf(notification))];
}

/** Bodies may hold markup (Desktop Notifications Specification); names of files are none. */
function markup(text: string): string {
  return text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] as string);
}
