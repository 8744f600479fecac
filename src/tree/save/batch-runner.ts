import type { ByteName } from '../../base/names.ts';
import type { Store, StoreCounters } from '../../store/types.ts';
import { system } from '../../sys/system.ts';
import type { Directory, DirectoryHandle } from '../../sys/types.ts';
import { saveExtent } from './extents.ts';
import { isItemFailure, VanishedError } from './file-reader.ts';
import { FileSaver, type PendingFile } from './file-saver.ts';
import type { ExtentResult, ExtentTask, FileBatch, FileBatchResult } from './messages.ts';
import { ResultPacker } from './pack.ts';
import { SmallFiles } from './small-files.ts';

/** Does the reading half of a save over one store instance: in a worker thread, or in the caller's. Calls must not overlap. */
export class BatchRunner {
  readonly #store: Store;
  readonly #saver: FileSaver;
  readonly #small: SmallFiles;
  readonly #packer = new ResultPacker();

  constructor(store: Store, options: { readonly observedTimes: boolean }) {
    this.#store = store;
    this.#saver = new FileSaver(store, options);
    this.#small = new SmallFiles(store, options);
  }

  async files(batch: FileBatch): Promise<FileBatchResult> {
    const saver = this.#saver;
    const errors: { item: number; code: string; message: string }[] = [];
    const pending: PendingFile[] = [];
    const filesBefore = saver.readFiles + this.#small.readFiles;
    const bytesBefore = saver.readBytes + this.#small.readBytes;
    let directory: Directory | undefined;
    for (let item = 0; item < batch.names.length; item++) {
      const name = batch.names[item] as ByteName;
      const identity = batch.identities.get(item);
      try {
        const handle = batch.directories[item] as DirectoryHandle;
        if (directory?.handle !== handle) directory = system().directoryFromHandle(handle);
        if (this.#small.isFull) await this.#small.settle(this.#packer);
        if (this.#small.read(directory, name, item, batch.signatures, identity)) continue;
        pending.push(await saver.read(directory, name, item, batch.signatures, identity));
      } catch (error) {
        if (error instanceof VanishedError) continue;
        if (!isItemFailure(error)) throw error;
        errors.push({ item, code: error.code, message: error.message });
      }
    }
    await this.#small.settle(this.#packer);
    await saver.contents.gatherer.settle();
    for (const file of pending) this.#packer.add(file());
    // The indirect blocks of files of many pieces.
    await saver.contents.gatherer.settle();
    const readFiles = saver.readFiles + this.#small.readFiles - filesBefore;
    const readBytes = saver.readBytes + this.#small.readBytes - bytesBefore;
    return { packed: this.#packer.take(), errors, readFiles, readBytes };
  }

  /** A file that cannot be read counts as one that has changed: whoever reads it whole then will find out what it is. */
  async extent(task: ExtentTask): Promise<ExtentResult> {
    try {
      return await saveExtent(this.#saver, task);
    } catch (error) {
      if (!isItemFailure(error)) throw error;
      return { start: task.from, end: task.from, refs: new Uint8Array(0), signature: undefined };
    }
  }

  async flush(): Promise<StoreCounters> {
    await this.#store.flush();
    return { ...this.#store.counters };
  }
}
