/** Writes the manual pages to man/, from the same source as help: `npm run man`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, loadAllCommands } from '../src/cli/catalogue.ts';
import { commandPage, programPage } from '../src/cli/help/man-page.ts';
import { version } from '../src/cli/version.ts';

const folder = join(import.meta.dirname, '../man');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'varve.1'), programPage(CATALOGUE, version()));
for (const command of await loadAllCommands()) writeFileSync(join(folder, `varve-${command.name}.1`), commandPage(command, version()));
