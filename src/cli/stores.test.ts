import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../base/config/load.ts';
import { Stores } from './stores.ts';

test('a store is one instance, however its folder is named', async (context) => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'varve-stores-')));
  context.after(() => fs.rmSync(folder, { recursive: true }));
  fs.mkdirSync(path.join(folder, 'real'));
  fs.symlinkSync('real', path.join(folder, 'link'));
  const stores = new Stores(await loadConfig([], { VARVE_HOME: path.join(folder, 'home') }));
  const { store } = await stores.create(path.join(folder, 'link', 'store'));
  for (const name of ['real/store', 'link/../real/store', 'link/store']) assert.equal(await stores.open(path.join(folder, name)), store);
  assert.notEqual(await stores.open(path.join(folder, 'real', 'other')), store);
  await stores.close();
});
