import { ConfigError } from '../../base/config/errors.ts';
import type { NotifySettings } from '../../base/config/types.ts';
import { command } from './command.ts';
import { desktop } from './desktop.ts';
import type { Channel } from './types.ts';
import { webhook } from './webhook.ts';

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The channels that the settings of `[notify]` mean. `accountOf` knows the users of this machine. Throws ConfigError. */
export function channelsOf(settings: NotifySettings, accountOf: (user: string) => Account | undefined): Channel[] {
  const channels: Channel[] = [];
  if (settings.desktop) {
    const { desktopUser, desktopBus } = settings;
    const user = desktopUser === undefined ? undefined : accountOf(desktopUser);
    if (desktopUser !== undefined && user === undefined) throw new ConfigError('notify.desktop-user', `there is no user ${desktopUser}`);
    channels.push(desktop({ ...(user && { user }), ...(desktopBus !== undefined && { bus: desktopBus }) }));
  }
  if (settings.webhook !== undefined) {
    if (!URL.canParse(settings.webhook) || !/^https?:$/.test(new URL(settings.webhook).protocol))
      throw new ConfigError('notify.webhook', 'must be an address that begins with http:// or https://');
    channels.push(webhook(new URL(settings.webhook)));
  }
  if (settings.command.length > 0) channels.push(command(settings.command));
  return channels;
}
