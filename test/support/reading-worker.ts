import { parentPort, workerData } from 'node:worker_threads';
import { atOneMoment, openForReading } from '../../src/catalogue/database.ts';

/** What a thread is started with that asks a catalogue, again and again, until the first word of `stop` is 1. */
export interface ReadingTask {
  readonly database: string;
  readonly stop: Int32Array;
}

/** Directories whose sums, at one moment, are not those of their children: the numbers of two queries that must agree. */
const DIRECTORIES = 'SELECT node, size, files, directories FROM directory ORDER BY random() LIMIT 20';
const CHILDREN = `SELECT
    coalesce(sum(CASE WHEN node.kind = 8 THEN node.size ELSE directory.size END), 0) AS size,
    coalesce(sum(CASE WHEN node.kind = 4 THEN directory.files ELSE 1 END), 0) AS files,
    coalesce(sum(CASE WHEN node.kind = 4 THEN 1 + directory.directories ELSE 0 END), 0) AS directories
  FROM node LEFT JOIN directory ON directory.node = node.id WHERE node.parent = ?`;

const { database, stop } = workerData as ReadingTask;
let answers = 0;
const problems: string[] = [];
while (Atomics.load(stop, 0) === 0) {
  try {
    // Some stay open for long, as a web page does; each round is like a command.
    const reader = openForReading(database);
    for (let i = 0; i < 10 && reader !== undefined; i++) {
      atOneMoment(reader, () => {
        for (const { node, ...sums } of reader.prepare(DIRECTORIES).all()) {
          const children = reader.prepare(CHILDREN).get(node as number);
          if (JSON.stringify(children) !== JSON.stringify(sums))
            problems.push(`${JSON.stringify(sums)}, children ${JSON.stringify(children)}`);
          answers++;
        }
      });
    }
    reader?.close();
  } catch (error) {
    problems.push(String(error));
  }
}
parentPort?.postMessage({ answers, problems: problems.slice(0, 10) });
