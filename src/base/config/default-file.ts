import { DEFINITIONS, type Definition, STORE_DEFINITIONS } from './definitions.ts';
import { toToml } from './to-toml.ts';

const HEAD = `# Settings of Varve. Every line that is commented out shows a default, or an example where the default is to have none.
# Each can also be set by the environment, save.threads by VARVE_SAVE_THREADS, and for one command by --set save.threads=4.
# "varve config show" prints what holds now, and where it came from.
`;

/** The `config.toml` of a first start: every setting, explained and commented out, so that it changes nothing. */
export function defaultFile(): string {
  const top = DEFINITIONS.filter(({ key }) => !key.includes('.'));
  const sections = [...new Set(DEFINITIONS.filter(({ key }) => key.includes('.')).map(({ key }) => key.split('.')[0] as string))];
  const parts = sections.map((section) =>
    clause(
      section,
      DEFINITIONS.filter(({ key }) => key.startsWith(`${section}.`)),
    ),
  );
  return [HEAD, top.map(lines).join(''), ...parts, clause('stores.default', STORE_DEFINITIONS)].join('\n');
}

function clause(section: string, definitions: readonly Definition[]): string {
  return `[${section}]\n${definitions.map(lines).join('')}`;
}

function lines({ key, about, fallback, example }: Definition): string {
  const value = example ?? toToml(fallback);
  return `${about === '' ? '' : `# ${about}\n`}# ${key.split('.').at(-1)} = ${value}\n`;
}
