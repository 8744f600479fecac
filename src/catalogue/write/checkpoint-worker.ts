import { parentPort, workerData } from 'node:worker_threads';
import { openForCheckpoints } from '../database.ts';

/** The checkpointing thread: brings what stands in the log of the database, given by its path, into the database, as often as it is asked to. */
const port = parentPort;
if (port === null) throw new Error('this module is the main module of a worker thread');
const database = openForCheckpoints(workerData as string);
port.on('message', (order: 'checkpoint' | 'end') => {
  if (order === 'end') {
    database.close();
    port.close();
    return;
  }
  try {
    // PASSIVE waits for nobody, and lets nobody wait.
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // The writer does it itself when the log gets too long, and says what is wrong.
  }
  port.postMessage('done');
});
