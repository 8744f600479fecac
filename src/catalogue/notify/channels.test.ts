import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfig } from '../../base/config/load.ts';
import { channelsOf } from './channels.ts';

async function channels(env: Record<string, string>): Promise<string[]> {
  const { settings } = await loadConfig([], { VARVE_HOME: '/nowhere', ...env });
  return channelsOf(settings.notify, (user) => (user === 'ann' ? { uid: 1000, gid: 1000 } : undefined)).map(({ name }) => name);
}

describe('the channels of the settings', () => {
  it('are none unless one is set', async () => {
    assert.deepEqual(await channels({}), []);
  });

  it('are those that are set, named without secrets', async () => {
    const env = {
      VARVE_NOTIFY_DESKTOP: 'yes',
      VARVE_NOTIFY_DESKTOP_USER: 'ann',
      VARVE_NOTIFY_WEBHOOK: 'https://example.org/token',
      VARVE_NOTIFY_COMMAND: 'tell,me',
    };
    assert.deepEqual(await channels(env), ['desktop', 'webhook https://example.org', 'command tell']);
  });

  it('are refused where they cannot be meant', async () => {
    await assert.rejects(channels({ VARVE_NOTIFY_WEBHOOK: 'ftp://x/' }), { code: 'CONFIG' });
    await assert.rejects(channels({ VARVE_NOTIFY_DESKTOP: 'yes', VARVE_NOTIFY_DESKTOP_USER: 'bob' }), /there is no user bob/);
  });
});
