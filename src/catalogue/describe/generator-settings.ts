import fs from 'node:fs';
import { ConfigError } from '../../base/config/errors.ts';
import type { DescribeSettings } from '../../base/config/types.ts';
import type { GeneratorSettings } from './generator.ts';
import { Secret } from './secret.ts';

const KEY_VARIABLE = 'VARVE_DESCRIBE_KEY';

/**
 * What the settings of `[describe]` mean; undefined while they name no endpoint. The key is none of the settings, which are printed: it is
 * in a file that they name, or in the environment. Throws ConfigError.
 */
export function generatorSettings(settings: DescribeSettings, env: NodeJS.ProcessEnv = process.env): GeneratorSettings | undefined {
  const { endpoint, model, contentBytes, timeoutSeconds } = settings;
  if (endpoint === undefined) return undefined;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new ConfigError('describe.endpoint', 'must be an address that begins with http:// or https://');
  if (model === undefined) throw new ConfigError('describe.model', 'must be set where describe.endpoint is');
  return { endpoint: new URL(endpoint), model, key: keyOf(settings.keyFile, env), timeoutMs: timeoutSeconds * 1000, contentBytes };
}

function keyOf(file: string | undefined, env: NodeJS.ProcessEnv): Secret | undefined {
  const key = env[KEY_VARIABLE] ?? (file === undefined ? undefined : firstLine(file));
  if (key === undefined || key === '') return undefined;
  // What a header cannot hold would make it an error that shows the key.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new ConfigError(file ?? KEY_VARIABLE, 'holds what is no key: only plain characters without blanks may be in one');
  return new Secret(key);
}

function firstLine(file: string): string {
  try {
    return (fs.readFileSync(file, 'utf8').split('\n', 1)[0] as string).trim();
  } catch (error) {
    throw new ConfigError('describe.key-file', `cannot be read: ${(error as Error).message}`);
  }
}
