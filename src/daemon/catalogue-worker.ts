import { nameFromText } from '../base/names.ts';
import { describeError } from '../base/thread-failure.ts';
import { homesOf } from '../catalogue/owners/homes.ts';
import { loadRules } from '../catalogue/owners/read-rules.ts';
import { CatalogueService } from '../catalogue/service.ts';
import { hashByName } from '../hash/registry.ts';
import { openAgain } from '../store/share.ts';
import type { CatalogueAnswer, CatalogueAnswers, CatalogueAsk, CatalogueQuestion, CatalogueThreadData } from './catalogue-messages.ts';
import { performDuty } from './duty.ts';

/** The catalogue's thread: the only writer of the database. */
await performDuty<CatalogueThreadData, CatalogueQuestion, CatalogueAnswer>(async (duty) => {
  const { database, roots, own, store, hash, owners, watcher } = duty.data;
  const { rules, faults } = await loadRules(owners);
  const home = process.env.HOME;
  const homes = homesOf(home === undefined ? undefined : nameFromText(home));
  const failed = Promise.withResolvers<never>();
  const service = new CatalogueService({
    database,
    roots,
    own,
    scanThreads: 2,
    ...(watcher !== undefined && { watcher }),
    keep: { ...(store !== undefined && { openStore: () => openAgain(store) }), hash: hashByName(hash), rules, homes },
    onFailure: failed.reject,
  });
  duty.post({ type: 'ready', watcher: service.watcherKind, refused: service.refused, faults: faults.map(({ message }) => message) });
  duty.receive(({ id, ask }) => {
    answer(service, ask).then(
      (given) => duty.post({ type: 'answer', id, answer: given }),
      (error) => duty.post({ type: 'failed', id, failure: describeError(error) }),
    );
  });
  try {
    await Promise.race([duty.untilStopped, failed.promise]);
  } finally {
    await service.close();
  }
});

async function answer(service: CatalogueService, ask: CatalogueAsk): Promise<CatalogueAnswers[CatalogueAsk]> {
  if (ask === 'sync') return service.sync();
  if (ask === 'finish') await service.finish();
  else if (ask === 'pause' || ask === 'continue') service.pause(ask === 'pause');
  return service.state();
}
