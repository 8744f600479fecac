import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { loadConfig } from '../../base/config/load.ts';
import { generatorSettings } from './generator-settings.ts';

async function settingsOf(env: Record<string, string>) {
  const { settings } = await loadConfig([], { VARVE_HOME: '/nowhere', ...env });
  return generatorSettings(settings.describe, env);
}

const ON = { VARVE_DESCRIBE_ENDPOINT: 'http://localhost:1/v1', VARVE_DESCRIBE_MODEL: 'small' };

describe('the settings of descriptions by a model', () => {
  it('are off unless an endpoint is set, and send no content unless told to', async () => {
    assert.equal(await settingsOf({}), undefined);
    assert.equal((await settingsOf(ON))?.contentBytes, 0);
  });

  it('take the key from the environment or a file, and never show it', async (context) => {
    const file = join(scratchFolder(context), 'key');
    writeFileSync(file, 'sk-in-file\nmore\n');
    const fromFile = await settingsOf({ ...ON, VARVE_DESCRIBE_KEY_FILE: file });
    const fromEnvironment = await settingsOf({ ...ON, VARVE_DESCRIBE_KEY_FILE: file, VARVE_DESCRIBE_KEY: 'sk-in-environment' });
    assert.deepEqual([fromFile?.key?.reveal(), fromEnvironment?.key?.reveal()], ['sk-in-file', 'sk-in-environment']);
    assert.ok(!`${inspect(fromFile)}${JSON.stringify(fromFile)}${fromFile?.key}`.includes('sk-'));
  });

  it('are refused where they cannot be meant', async () => {
    await assert.rejects(settingsOf({ ...ON, VARVE_DESCRIBE_ENDPOINT: 'localhost:1' }), /http:\/\/ or https:\/\//);
    await assert.rejects(settingsOf({ VARVE_DESCRIBE_ENDPOINT: 'http://x/' }), /describe.model: must be set/);
    await assert.rejects(
      settingsOf({ ...ON, VARVE_DESCRIBE_KEY: 'two\nlines' }),
      (error: Error) => !error.message.includes('lines') && /no key/.test(error.message),
    );
    await assert.rejects(settingsOf({ ...ON, VARVE_DESCRIBE_KEY_FILE: '/nowhere' }), /describe.key-file: cannot be read/);
  });
});
