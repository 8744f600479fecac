import { makeConfigFile } from '../../base/config/edit-file.ts';
import { UsageError } from '../../base/errors.ts';
import { hashByName } from '../../hash/registry.ts';
import { defineCommand } from '../command.ts';
import { text, value } from '../options.ts';

const HASHES = ['blake3', 'sha2-256', 'sha2-512', 'sha3-256', 'sha1'];

export default defineCommand({
  description: [
    'Makes a store, and a configuration file in which every setting is explained. What is there already is left as it is. The default store needs no init: it is made when it is first used.',
  ],
  arguments: [
    {
      name: 'STORE',
      about: 'A path, or the name of a [stores.NAME] clause; the default store when left out',
      optional: true,
      complete: 'folder',
    },
  ],
  options: { hash: value('--hash NAME', `The hash that names blocks: ${HASHES.join(', ')}`, text, { complete: HASHES }) },
  json: 'One object: store, id, hash, made, configFile.',
  examples: [
    { command: 'varve init', about: 'Make the default store and its configuration' },
    { command: 'varve init /mnt/backup/varve --hash sha2-256', about: 'Make a store on another disk' },
  ],
  async run(context, [specification], { hash }) {
    const { output } = context;
    const algorithm = hash === undefined ? undefined : hashByName(hash).name;
    const stores = await context.stores();
    const { store, made } = await stores.create(specification ?? context.storeSpecification, algorithm);
    if (algorithm !== undefined && store.hash.name !== algorithm) {
      throw new UsageError(
        `the store ${store.name} is there already and uses ${store.hash.name}`,
        'A store keeps the hash that it was made with. Make another one.',
      );
    }
    const { file } = await context.config();
    const wroteFile = makeConfigFile(file);
    const { id } = store.header;
    output.result({ store: store.name, id, hash: store.hash.name, made, configFile: file }, () =>
      output.quiet
        ? []
        : [
            made
              ? `Made a store at ${store.name}, with ${store.hash.name}.`
              : `There is a store at ${store.name} already; it uses ${store.hash.name}.`,
            wroteFile ? `Wrote the configuration ${file}.` : `The configuration is ${file}.`,
          ],
    );
  },
});
