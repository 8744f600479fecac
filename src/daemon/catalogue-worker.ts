import { type ByteName, nameFromText } from '../base/names.ts';
import { describeError } from '../base/thread-failure.ts';
import { channelsOf } from '../catalogue/notify/channels.ts';
import { homesOf } from '../catalogue/owners/homes.ts';
import type { LoadedRules } from '../catalogue/owners/read-rules.ts';
import { RuleFiles } from '../catalogue/ownership/rule-files.ts';
import { packageDatabases } from '../catalogue/packages/databases.ts';
import { CatalogueService } from '../catalogue/service.ts';
import { hashByName } from '../hash/registry.ts';
import { openAgain } from '../store/share.ts';
import { system } from '../sys/system.ts';
import type { AnswerTo, CatalogueAnswer, CatalogueAsk, CatalogueQuestion, CatalogueThreadData } from './catalogue-messages.ts';
import { performDuty } from './duty.ts';
import { Services } from './services.ts';

/** The catalogue's thread: the only writer of the database. */
await performDuty<CatalogueThreadData, CatalogueQuestion, CatalogueAnswer>(async (duty) => {
  const { database, roots, own, store, hash, owners, watcher, notify, history } = duty.data;
  const onProblem = (problem: string) => duty.post({ type: 'problem', problem });
  const tellFaults = ({ faults }: LoadedRules) => {
    for (const { message } of faults) onProblem(message);
  };
  const ruleFiles = await RuleFiles.read(owners);
  const home = process.env.HOME;
  const homes = homesOf(home === undefined ? undefined : nameFromText(home));
  const failed = Promise.withResolvers<never>();
  // What a timer or a message of a thread of its own throws, too, is a death with its cause, behind which everything is put away.
  process.on('uncaughtException', failed.reject);
  const areKnown = ({ faults }: LoadedRules) => faults.length === 0;
  const open = (roots: readonly ByteName[]) =>
    new CatalogueService({
      database,
      roots,
      own,
      scanThreads: 2,
      ...(watcher !== undefined && { watcher }),
      keep: { ...(store !== undefined && { openStore: () => openAgain(store) }), hash: hashByName(hash) },
      owners: {
        ...{ rules: ruleFiles.loaded.rules, areRulesKnown: areKnown(ruleFiles.loaded), homes },
        ...{ packages: packageDatabases(homes), channels: channelsOf(notify, system().account) },
      },
      history,
      onProblem,
      onFailure: failed.reject,
    });
  const services = new Services(database, open, roots);
  const service = await services.current;
  // Most of what the program has touched by now only its start has needed.
  system().giveMemoryBack();
  duty.post({ type: 'ready', watcher: service.watcherKind, refused: service.refused });
  // Whoever ends it before has no need to know.
  services
    .settled((each) => each.sync())
    .then(
      () => duty.post({ type: 'observing' }),
      () => undefined,
    );
  tellFaults(ruleFiles.loaded);
  ruleFiles.watch((loaded) => {
    tellFaults(loaded);
    services.current.then((current) => current.setRules(loaded.rules, areKnown(loaded))).catch(failed.reject);
  }, failed.reject);
  let isDying = false;
  duty.receive(({ id, ask }) => {
    answer(services, ask).then(
      (given) => duty.post({ type: 'answer', id, answer: given }),
      (error) => {
        // Of what this thread dies of, everybody who has asked is told by its death.
        if (!isDying) duty.post({ type: 'failed', id, failure: describeError(error) });
      },
    );
  });
  try {
    await Promise.race([duty.untilStopped, failed.promise, services.lost]);
  } catch (error) {
    isDying = true;
    throw error;
  } finally {
    ruleFiles.close();
    await (await services.current).close();
  }
});

async function answer(services: Services, ask: CatalogueAsk): Promise<AnswerTo<CatalogueAsk>> {
  if (ask === 'sync') return services.settled((service) => service.sync());
  if (ask === 'finish') await services.settled((service) => service.finish());
  else if (ask === 'catchUp') await services.settled((service) => service.catchUp());
  else if (typeof ask === 'object' && 'unwatch' in ask) await services.unwatch(ask.unwatch);
  const service = await services.current;
  if (ask === 'pause' || ask === 'continue') service.pause(ask === 'pause');
  else if (typeof ask === 'object' && 'digest' in ask) service.keepGenerated(ask);
  else if (typeof ask === 'object' && 'text' in ask) service.describe(ask.path, ask.text);
  return service.state();
}
