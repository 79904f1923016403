import { tmpdir } from "node:os";
import { EXIT_CODE } from "../../base/exit-code.ts";
import { currentSystem } from "../../config/config-system.ts";
import type { Config } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import { becomeSubreaper, raiseOpenFileLimit } from "../../kernel/process-control.ts";
import { type Log, openLog } from "../../telemetry/log.ts";
import { LogTail } from "../../telemetry/log-tail.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { openAdminServer } from "./admin-server.ts";
import { Announcer } from "./announcer.ts";
import { sweepBehindFronts } from "../dispatch/body-directory.ts";
import { ChildReaper } from "./child-reaper.ts";
import { containFaults } from "../contain-faults.ts";
import { CredentialStore } from "./credential-store.ts";
import { createDeveloper } from "../develop/create-developer.ts";
import { processLog } from "../develop/process-log.ts";
import { FrontFactory } from "./front-factory.ts";
import { FrontGroup } from "./front-group.ts";
import type { StopUrgency } from "./front-supervisor.ts";
import { startTimeoutMs, stopTimeoutMs } from "../front/front-times.ts";
import type { FrontStatus } from "../front-status.ts";
import { openListeners } from "../listeners/open-listeners.ts";
import { HandoverGiver } from "../handover/handover-giver.ts";
import { takeHandover } from "../handover/handover-taker.ts";
import { inheritListeners } from "../handover/inherited-listeners.ts";
import { MasterInstance } from "./master-instance.ts";
import { nameProcess } from "../process-name.ts";
import { createReloadTarget } from "./reload-target.ts";
import { type Blueprint, Reloader } from "./reloader.ts";
import { sameCommand } from "../role-command.ts";
import { RuntimeDirectory, sweepRuntimeParent } from "./runtime-directory.ts";
import { findRuntimeParent } from "./runtime-parent.ts";
import { environmentForChildren, environmentForSuccessor, ServiceManager } from "./service-manager.ts";
import { listenToSignals } from "./stop-signals.ts";
import { StartWatch } from "./start-watch.ts";
import { takeOver } from "../handover/take-over.ts";
import { checkReach, workerUsersOf } from "../worker-users.ts";

const LOG_FLUSH_MS = 1_000;

/** What a command asks of the master beside the configuration. */
export interface ServeOptions {
  /** True when there is nothing to serve unless the app starts: the master then ends instead of trying again. Default false. */
  readonly needsStart?: boolean;
}

/**
 * The master: binds the listeners, keeps fronts behind them, and stays until it is told to stop. It touches no traffic, and nothing that
 * happens to its children ends it.
 *
 * @param load reads the configuration again, for a reload.
 * @returns 0 when everything in flight was finished, 3 when the stop cut something off.
 * @throws {ConfigError} before anything is spawned: the address cannot be bound, or there is no safe place for sockets.
 * @throws {AppNotStartedError} with `needsStart`, when everything has ended again.
 */
export async function serve(loaded: LoadedConfig, load: () => LoadedConfig, asked: ServeOptions = {}): Promise<number> {
  const { config, settings } = loaded;
  nameProcess("vilya: master");
  const tail = new LogTail();
  const log = openLog({ ...processLog(config, "master"), onLine: (line) => tail.add(line) });
  const credentials = new CredentialStore(config.server.listeners, log);
  const { environment } = currentSystem();
  using manager = new ServiceManager({ environment });
  const handover = await takeHandover(environment);
  const inherited = handover?.listeners ?? inheritListeners(config.server, environment);
  using listeners = await openListeners(config, settings, inherited);
  inherited.abandon(listeners);
  const parent = runtimeParentOf(config, environment);
  sweepRuntimeParent(parent, log);
  using directory = new RuntimeDirectory({ parent, name: config.name });
  using _faults = containFaults(log);
  // For admin clients, and for what its children inherit.
  raiseOpenFileLimit();

  const blueprint: Blueprint = { ...loaded, listeners: listeners.copy(), credentials };
  const announcer = new Announcer(config, listeners);
  const start = new StartWatch(asked, { report: async () => (await fronts.report()).front, giveUp: () => stop("now") });
  const onStatus = start.over((status: FrontStatus): void => {
    announcer.onStatus(status);
    manager.onStatus(status);
  });
  const factory = new FrontFactory({ directory, environment: environmentForChildren(environment), tail, log });
  const fronts = new FrontGroup({ kind: factory.kindOf(blueprint), onStatus, log });
  const reloader = new Reloader({
    blueprint,
    listeners,
    load: () => checkReach(load(), parent),
    target: createReloadTarget(fronts, factory, (level) => instance.setLogLevel(level)),
    isStopping: () => instance.isStopping,
    onBegin: () => manager.onReloading(),
    onEnd: () => {
      announcer.onReloaded(reloader.config);
      manager.onReloaded();
    },
    log,
  });
  adoptOrphans(log);
  await using developer = config.isDevelopment ? createDeveloper(fronts, reloader, log) : null;
  const giver = new HandoverGiver({
    command: sameCommand(environment),
    environment: environmentForSuccessor(environment),
    listeners,
    admin: () => admin.socket,
    timeoutMs: startTimeoutMs(config),
    onServing: (masterPid) => {
      instance.noteStopping();
      developer?.pause();
      manager.onHandedOver(masterPid);
      admin.handOver();
      listeners.abandon();
      stopped.resolve(fronts.handOver());
    },
    log,
  });
  using _reaper = new ChildReaper({ isOwn: (pid) => fronts.isFront(pid) || giver.isOurs(pid), log });
  const stopped = Promise.withResolvers<{ readonly wasCut: boolean }>();
  const stop = (urgency: StopUrgency): void => {
    instance.noteStopping();
    developer?.pause();
    manager.onStopping(stopTimeoutMs(config));
    // Fronts keep their copies for as long as they accept; with ours open, who comes later would be queued for nobody.
    listeners[Symbol.dispose]();
    stopped.resolve(fronts.stop(urgency));
  };
  const instance = new MasterInstance({
    config,
    fronts,
    factory,
    reloader,
    log,
    upgrade: () => reloader.inTurn(() => giver.run()),
    stop,
  });
  using admin = await openAdminServer({
    config: config.admin,
    settings,
    server: config.server,
    directory: directory.path,
    instance,
    inherited: handover?.admin ?? null,
    tail,
    log,
  });
  using _signals = listenToSignals({
    onStop: stop,
    onReload: () => void reloader.reload(),
    onReopenLogs: () => fronts.reopenLogs(),
    onUpgrade: () => void instance.upgrade(),
    log,
  });

  if (handover !== null && !(await takeOver(handover, fronts, factory.kindOf(blueprint)))) return EXIT_CODE.failure;
  fronts.start();
  await developer?.start();
  const { wasCut } = await stopped.promise;
  await leave(config, wasCut, log);
  start.assertNotFailed();
  return wasCut ? EXIT_CODE.cut : EXIT_CODE.ok;
}

function runtimeParentOf(
  config: Config,
  { XDG_RUNTIME_DIR: session }: Readonly<Record<string, string | undefined>>,
): string {
  return findRuntimeParent({ configured: config.runtimeDirectory, session, users: workerUsersOf(config) });
}

/** Clears up behind the last front. */
async function leave({ server }: Config, wasCut: boolean, log: Log): Promise<void> {
  sweepBehindFronts(server.bodyDirectory ?? tmpdir(), log);
  log.info("stopped", { wasCut });
  await log.flush(LOG_FLUSH_MS);
}

/** Without it, what outlives a killed front goes to process 1, out of sight but not out of the world. */
function adoptOrphans(log: Logger): void {
  try {
    becomeSubreaper();
  } catch (error) {
    log.warn("descendants of a killed process are not adopted", { error: error as Error });
  }
}
