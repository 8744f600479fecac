import { defineCommand } from '../command.ts';
import { diagnose } from '../diagnosis.ts';
import type { Finding } from '../finding.ts';
import { pad } from '../output/table.ts';

export default defineCommand({
  description: [
    'Looks at Node, the vector kernel, what the system offers, the rights of this process, what the kernel lets be watched and what this catalogue needs of it, the clock, the configuration, the store, space and limits, and says what to do where something is wrong. Exit status 1 if something keeps varve from working, 3 if something could be better.',
  ],
  arguments: [],
  options: {},
  json: 'One object a line for each check: check, state (good, warning, bad), found, advice.',
  examples: [
    { command: 'varve doctor', about: 'Is everything in order?' },
    { command: 'varve doctor --store /mnt/backup/varve', about: 'Also of a store on another disk' },
  ],
  async run(context) {
    const { output, signal } = context;
    const findings: Finding[] = [];
    for await (const finding of diagnose(context)) {
      signal.throwIfAborted();
      findings.push(finding);
      output.result(finding, () => [
        `${output.paint(COLOURS[finding.state], pad(SIGNS[finding.state], 7, 'left'))}  ${pad(finding.check, 13, 'left')}  ${finding.found}`,
        ...(finding.advice === undefined ? [] : [`${' '.repeat(24)}${finding.advice}`]),
      ]);
    }
    if (findings.some(({ state }) => state === 'bad')) context.failed();
    else if (findings.some(({ state }) => state === 'warning')) context.partial();
  },
});

const SIGNS = { good: 'good', warning: 'warning', bad: 'BAD' } as const;
const COLOURS = { good: 'green', warning: 'yellow', bad: 'red' } as const;
