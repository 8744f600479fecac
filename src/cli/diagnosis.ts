import { accessSync, constants, existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { VarveError } from '../base/errors.ts';
import { kernelName } from '../chunk/kernel.ts';
import type { Datadir } from '../store/datadir/datadir.ts';
import { readHeader } from '../store/datadir/header.ts';
import { Layout } from '../store/datadir/layout.ts';
import { listSegments } from '../store/datadir/segment-file.ts';
import { system } from '../sys/system.ts';
import { damagedArchives } from '../tree/repair-archive.ts';
import type { Context } from './context.ts';
import type { Finding } from './finding.ts';
import { clockFinding, placeFinding, rightsFinding } from './machine-findings.ts';
import { counted, formatSize } from './output/amounts.ts';
import { version } from './version.ts';
import { watchingFindings } from './watch-findings.ts';

const NEEDED_NODE = 26;
const FREE_SPACE = 'Free some: varve forget drops revisions, varve gc frees what they took.';

/** Looks at everything that varve stands on, one thing after another. Reads only. */
export async function* diagnose(context: Context): AsyncGenerator<Finding> {
  yield programFinding();
  yield {
    check: 'machine',
    state: 'good',
    found: `${process.platform} ${process.arch}, ${counted(availableParallelism(), 'core')}, ${formatSize(totalmem())} of memory`,
  };
  yield kernelFinding();
  yield systemFinding();
  yield rightsFinding();
  yield* watchingFindings(context.folders);
  yield clockFinding(context.folders, Date.now());
  yield placeFinding('home', context.folders.dataDir, 'the catalogue', 'Free some: without space nothing can be recorded.');
  yield* await configFindings(context);
}

function programFinding(): Finding {
  const found = `varve ${version()}, node ${process.versions.node}`;
  const isNew = Number.parseInt(process.versions.node, 10) >= NEEDED_NODE;
  return isNew
    ? { check: 'program', state: 'good', found }
    : { check: 'program', state: 'bad', found, advice: `Node ${NEEDED_NODE} or newer is needed: npm ci brings it.` };
}

function kernelFinding(): Finding {
  if (kernelName() === 'wasm') return { check: 'kernel', state: 'good', found: 'blocks are cut by the vector kernel' };
  return {
    check: 'kernel',
    state: 'warning',
    found: 'blocks are cut by plain TypeScript, about ten times slower',
    advice: 'In a checkout, build the kernel with: npm run build',
  };
}

function systemFinding(): Finding {
  const { implementation, ...offers } = system().capabilities;
  const missing = Object.entries(offers).flatMap(([name, offered]) => (offered ? [] : [CAPABILITIES[name as keyof typeof offers]]));
  if (missing.length === 0)
    return { check: 'system', state: 'good', found: `${implementation}: everything that a tree may have is saved and restored` };
  return {
    check: 'system',
    state: 'warning',
    found: `${implementation}: without ${missing.join(', ')}`,
    advice: 'What cannot be restored here is listed when it happens.',
  };
}

const CAPABILITIES = {
  beneath: 'resolution beneath open folders',
  exactTimes: 'nanoseconds of times',
  xattrs: 'extended attributes',
  specialFiles: 'FIFOs, sockets and devices',
  holes: 'holes of sparse files',
  renameModes: 'atomic exchange of names',
  syncFileSystem: 'syncing a whole file system',
  locks: 'locks of files',
  accounts: 'names of users and groups',
} as const;

async function configFindings(context: Context): Promise<Finding[]> {
  try {
    const { file, settings } = await context.config();
    const config: Finding = {
      check: 'configuration',
      state: 'good',
      found: existsSync(file) ? file : `none: defaults hold; it would be ${file}`,
    };
    const { settings: store, clause } = (await context.stores()).place(context.storeSpecification);
    if (store.type !== 'datadir' || store.path === undefined)
      return [config, { check: 'store', state: 'warning', found: `${settings.store} is kept in memory alone` }];
    return [
      config,
      await storeFinding(context, store.path, clause === 'default'),
      placeFinding('space', store.path, 'the store', FREE_SPACE),
    ];
  } catch (error) {
    if (!(error instanceof VarveError)) throw error;
    return [{ check: 'configuration', state: 'bad', found: error.message, ...(error.advice !== undefined && { advice: error.advice }) }];
  }
}

async function storeFinding(context: Context, path: string, isDefault: boolean): Promise<Finding> {
  try {
    const layout = new Layout(path);
    if (readHeader(layout) === undefined) {
      if (isDefault) return { check: 'store', state: 'good', found: `${path} is made by the first save` };
      return { check: 'store', state: 'bad', found: `there is no store at ${path}`, advice: `Make one with: varve init ${path}` };
    }
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const store = await context.openStore();
    const names = await store.archives();
    const damaged = await damagedArchives(store as Datadir);
    if (damaged.length > 0)
      return {
        check: 'store',
        state: 'bad',
        found: `${path}: damaged archives: ${damaged.join(', ')}`,
        advice: 'Mend them with: varve archives --repair',
      };
    return {
      check: 'store',
      state: 'good',
      found: `${path}: ${store.hash.name}, ${counted(names.length, 'archive')}, ${counted(listSegments(layout).size, 'segment')}`,
    };
  } catch (error) {
    const { message, advice } = error as { message: string; advice?: string };
    return { check: 'store', state: 'bad', found: message, advice: advice ?? `Check who may read and write in ${path}.` };
  }
}
