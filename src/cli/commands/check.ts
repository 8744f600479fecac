import { showName } from '../../base/names.ts';
import { checkCatalogue } from '../../catalogue/check/check.ts';
import { defineCommand } from '../command.ts';
import { counted } from '../output/amounts.ts';
import { Past } from '../past.ts';

export default defineCommand({
  description: [
    'Checks every invariant of the catalogue, also while a daemon writes it: that the database is whole, that every file is in a folder, that the sums and digests of every folder are those of what is in it, and that roots and events refer to what there is or was. Contents in the store are proved by varve verify.',
  ],
  arguments: [],
  options: {},
  json: 'An object a line for each violation: node, path (where it has one), problem. Then one with nodes, directories and violations.',
  examples: [
    { command: 'varve check', about: 'Is the catalogue sound?' },
    { command: 'varve check && varve verify', about: 'Are the catalogue and the store sound?' },
  ],
  async run(context) {
    const { output } = context;
    using past = Past.open(context);
    let violations = 0;
    const { nodes, directories } = checkCatalogue(past.database, ({ node, problem }) => {
      violations++;
      const path = past.history.lastPathOf(node);
      const shown = path === undefined ? `node ${node}` : showName(path);
      output.result({ node, ...(path !== undefined && { path: shown }), problem }, () => [`${shown}: ${problem}`]);
    });
    const found = violations === 0 ? 'Every invariant holds' : counted(violations, 'violation');
    output.result({ nodes, directories, violations }, () => [
      `${found}: ${counted(nodes, 'file and folder', 'files and folders')} were checked.`,
    ]);
    if (violations > 0) context.failed();
  },
});
