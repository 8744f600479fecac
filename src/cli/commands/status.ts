import { DaemonClient } from '../../serve/client.ts';
import { DaemonNotRunningError } from '../../serve/errors.ts';
import type { DaemonStatus } from '../../serve/types.ts';
import { defineCommand } from '../command.ts';
import { statusLines, stoppedLines } from '../output/status-lines.ts';
import { stoppedStatus } from '../stopped-status.ts';
import { limitAdvice } from '../watch-findings.ts';

export default defineCommand({
  description: [
    'Shows whether a daemon runs here, what it has still to do, and of each root that it watches: the files and folders that are known; how many of them have been compared with the disk since it began to watch; the files whose digest is known, and those whose content is kept; their size; gaps in which changes may have been missed and that no scan has closed yet; and what tells of changes. What no event tells of is named below, with what can be done: it is compared with the disk at intervals.',
    'Where no daemon runs, it says so, and what the catalogue knows. Nothing has been compared with the disk then.',
  ],
  arguments: [],
  options: {},
  json: 'One object: state (starting, scanning, watching, paused, stopping, or stopped where no daemon runs), pid, started, version, store, catalogue (path, bytes), memoryBytes, roots (path, nodes, scanned, hashed, unhashed, kept, bytes, gaps, watcher, scanning, missing, unwatched: a list of reason, code and directories), work (toScan, toHash, hashRate, etaMs), errors, and outage (of, message, advice) where no file can be kept (of the store) or nothing observed (of the catalogue). Where no daemon runs: state, catalogue, roots.',
  examples: [
    { command: 'varve status', about: 'Is everything watched?' },
    { command: 'varve status --json', about: 'The same for a script' },
  ],
  async run({ output, folders }) {
    let status: DaemonStatus;
    try {
      status = await new DaemonClient(folders.stateDir).status();
    } catch (error) {
      if (!(error instanceof DaemonNotRunningError)) throw error;
      const stopped = stoppedStatus(folders);
      return output.result(stopped, () => stoppedLines(stopped));
    }
    output.result(status, () => statusLines(status, (kind) => limitAdvice(folders, kind)));
  },
});
