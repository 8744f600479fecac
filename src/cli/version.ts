import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version of the package, which stands two folders above both the sources and the compiled files. */
export function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Whether this runs from a checkout and not from an installed package, which comes without its sources. */
export function isCheckout(): boolean {
  return existsSync(new URL('../../src', import.meta.url));
}

/** `bin/varve` of the package that runs. */
export function launcherPath(): string {
  return fileURLToPath(new URL('../../bin/varve', import.meta.url));
}
