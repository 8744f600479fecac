/** Imported before a program: the catalogue's thread dies once, of the first question whether it has caught up. */
import { type Transferable, Worker } from 'node:worker_threads';

const { postMessage } = Worker.prototype;
let hasDied = false;

Worker.prototype.postMessage = function (this: Worker, said: { message?: { ask?: unknown } }, transfer?: readonly Transferable[]) {
  const kills = !hasDied && said.message?.ask === 'catchUp';
  hasDied ||= kills;
  // A message without anything in it is a bug to who takes it.
  postMessage.call(this, kills ? { kind: 'message' } : said, transfer);
};
