import { readFileSync } from 'node:fs';

/** The version of the package, which stands two folders above both the sources and the compiled files. */
export function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Whether this runs from a checkout of the sources and not from an installed package. */
export const isCheckout = import.meta.url.endsWith('.ts');
