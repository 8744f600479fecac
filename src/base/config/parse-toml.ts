import { ConfigError } from './errors.ts';

/**
 * The content of a TOML text. Throws ConfigError with the line and the reason for what is not TOML; `file` names it there. The parser is loaded
 * by the first call: it takes 10 ms.
 */
export async function parseToml(text: string, file: string): Promise<Record<string, unknown>> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.replace(/^Invalid TOML document: /, '').split('\n', 1)[0];
    throw new ConfigError(`${file}:${error.line}`, `${reason} (column ${error.column})`);
  }
}
