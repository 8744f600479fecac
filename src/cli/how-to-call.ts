import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellQuote } from './shell-quote.ts';
import { isCheckout } from './version.ts';

/**
 * What calls varve from where the user is: `varve` when it is installed; in a checkout `npx varve`, or outside its folder the path of the launcher. A `VARVE_HOME`
 * stands before it, since it may hold for this one command only.
 */
export function howToCall(): string {
  const home = process.env.VARVE_HOME ? `VARVE_HOME=${shellQuote(process.env.VARVE_HOME)} ` : '';
  if (!isCheckout()) return `${home}varve`;
  const checkout = fileURLToPath(new URL('../..', import.meta.url));
  return `${home}${isBelow(checkout, userFolder()) ? 'npx varve' : shellQuote(`${checkout}bin/varve`)}`;
}

/** Where the user typed the command: npm runs scripts in the folder of the package, and says where it was called from. */
export function userFolder(): string {
  return process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD ? process.env.INIT_CWD : process.cwd();
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
