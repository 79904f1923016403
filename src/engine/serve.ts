import { writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { EXIT_CODE } from "../base/exit-code.ts";
import { VERSION } from "../base/version.ts";
import type { Config } from "../config/config.ts";
import { currentSystem } from "../config/config-system.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { becomeSubreaper, raiseOpenFileLimit } from "../kernel/process-control.ts";
import { openLog } from "../telemetry/log.ts";
import type { Logger } from "../telemetry/logger.ts";
import { openAdminServer } from "./admin-server.ts";
import { sweepBehindFronts } from "./body-directory.ts";
import { ChildReaper } from "./child-reaper.ts";
import { containFaults } from "./contain-faults.ts";
import { CredentialStore } from "./credential-store.ts";
import { FrontFactory } from "./front-factory.ts";
import { FrontSupervisor, type StopUrgency } from "./front-supervisor.ts";
import type { FrontStatus } from "./front.ts";
import { type OpenListeners, openListeners } from "./open-listeners.ts";
import { inheritListeners } from "./inherited-listeners.ts";
import { MasterInstance } from "./master-instance.ts";
import { nameProcess } from "./process-name.ts";
import { type Blueprint, Reloader } from "./reloader.ts";
import { RuntimeDirectory, sweepRuntimeParent } from "./runtime-directory.ts";
import { findRuntimeParent } from "./runtime-parent.ts";
import { ServiceManager, withoutServiceManager } from "./service-manager.ts";
import { renderServing } from "./serving-text.ts";
import { listenToSignals } from "./stop-signals.ts";

/** What a stop may take beyond the waits that are configured: announcing it, and the exits of the processes. */
const STOP_MARGIN_MS = 3_000;

/** What a front needs to start beside its workers. */
const START_MARGIN_MS = 10_000;

const LOG_FLUSH_MS = 1_000;

/**
 * The master: binds the listeners, keeps a front behind it, and stays until it is told to stop. It touches no traffic, and nothing that
 * happens to its children ends it.
 *
 * @param load reads the configuration again, for a reload.
 * @returns 0 when everything in flight was finished, 3 when the stop cut something off.
 * @throws {ConfigError} before anything is spawned: the address cannot be bound, or there is no safe place for sockets.
 */
export async function serve(loaded: LoadedConfig, load: () => LoadedConfig): Promise<number> {
  const { config, settings } = loaded;
  nameProcess("vilya: master");
  const log = openLog({ ...config.logging, fields: { role: "master" } });
  const credentials = new CredentialStore(config.server.listeners, log);
  const { environment } = currentSystem();
  using manager = new ServiceManager({ environment });
  using listeners = await openListeners(config.server, settings, inheritListeners(config.server, environment));
  const parent = findRuntimeParent({
    configured: config.runtimeDirectory,
    session: environment["XDG_RUNTIME_DIR"],
  });
  sweepRuntimeParent(parent, log);
  using directory = new RuntimeDirectory({ parent, name: config.name });
  using _faults = containFaults(log);
  // For admin clients, and for what its children inherit.
  raiseOpenFileLimit();

  const blueprint: Blueprint = { ...loaded, listeners: listeners.copy(), credentials };
  const announce = announcer(config, listeners);
  const onStatus = (status: FrontStatus): void => {
    announce(status);
    manager.onStatus(status);
  };
  const factory = new FrontFactory({ directory, environment: withoutServiceManager(environment), onStatus, log });
  const supervisor = new FrontSupervisor({
    spawn: factory.spawner(blueprint),
    stopTimeoutMs: stopTimeoutMs(config),
    log,
  });
  const reloader = new Reloader({
    blueprint,
    listeners,
    load,
    target: {
      replaceFront: (next) =>
        supervisor.replace({
          spawn: factory.spawner(next),
          stopTimeoutMs: stopTimeoutMs(next.config),
          startTimeoutMs: startTimeoutMs(next.config),
        }),
      adopt: (next) => supervisor.adopt(factory.spawner(next), stopTimeoutMs(next.config)),
      reloadWorkers: (app) => supervisor.reloadWorkers(app),
      resize: (sizes) => supervisor.resizePools(sizes),
      setLogLevel: (level) => instance.setLogLevel(level),
    },
    onBegin: () => manager.onReloading(),
    onEnd: () => manager.onReloaded(),
    log,
  });
  adoptOrphans(log);
  using _reaper = new ChildReaper({ isOwn: (pid) => supervisor.isFront(pid), log });
  const stopped = Promise.withResolvers<{ readonly wasCut: boolean }>();
  const stop = (urgency: StopUrgency): void => {
    instance.noteStopping();
    manager.onStopping(stopTimeoutMs(config));
    // The front keeps its copy for as long as it accepts; with ours open, who comes later would be queued for nobody.
    listeners[Symbol.dispose]();
    stopped.resolve(supervisor.stop(urgency));
  };
  const instance = new MasterInstance({ config, supervisor, reloader, log, stop });
  const { server } = config;
  using _admin = await openAdminServer({ config: config.admin, server, directory: directory.path, instance, log });
  using _signals = listenToSignals({
    onStop: stop,
    onReload: () => void reloader.reload(),
    onReopenLogs: () => supervisor.reopenLogs(),
    log,
  });

  supervisor.start();
  const { wasCut } = await stopped.promise;
  sweepBehindFronts(server.bodyDirectory ?? tmpdir(), log);
  log.info("stopped", { wasCut });
  await log.flush(LOG_FLUSH_MS);
  return wasCut ? EXIT_CODE.cut : EXIT_CODE.ok;
}

/** Tells whoever started the engine, once, that it serves; and before that, once, if its workers do not start. */
function announcer(config: Config, { sockets }: OpenListeners): (status: FrontStatus) => void {
  let announced: "nothing" | "not ready" | "serving" = "nothing";
  return ({ isReady }) => {
    if (announced === "serving" || (announced === "not ready" && !isReady)) return;
    announced = isReady ? "serving" : "not ready";
    const text = renderServing({ version: VERSION, config, addresses: sockets.map(({ address }) => address), isReady });
    try {
      writeSync(1, text);
    } catch {
      // Nobody reads STDOUT; the log says the same.
    }
  };
}

/** The front waits as configured, and gives each worker its own time to exit. */
function stopTimeoutMs({ server, apps }: Config): number {
  const workerStopMs = Math.max(0, ...apps.map((app) => app.pool.stopTimeoutMs));
  return server.shutdownDelayMs + server.graceTimeoutMs + workerStopMs + STOP_MARGIN_MS;
}

/** A first worker that hangs takes its start timeout, the one that is tried after it another one. */
function startTimeoutMs({ apps }: Config): number {
  return 2 * Math.max(...apps.map((app) => app.pool.startTimeoutMs)) + START_MARGIN_MS;
}

/** Without it, what outlives a killed front goes to process 1, out of sight but not out of the world. */
function adoptOrphans(log: Logger): void {
  try {
    becomeSubreaper();
  } catch (error) {
    log.warn("descendants of a killed process are not adopted", { error: error as Error });
  }
}
