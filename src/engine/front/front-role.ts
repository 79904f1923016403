import { fstatSync } from "node:fs";
import { VilyaError } from "../../base/errors.ts";
import { dieWithParent, raiseOpenFileLimit } from "../../kernel/process-control.ts";
import { SystemCallError } from "../../kernel/system-call-error.ts";
import { type Log, openLog } from "../../telemetry/log.ts";
import { containFaults } from "../contain-faults.ts";
import { type ControlChannel, openControlChannel } from "../control-channel.ts";
import { type FrontMessage, type MasterMessage, parseMasterMessage } from "../control-message.ts";
import { processLog } from "../develop/process-log.ts";
import { type Front, FrontNotReadyError, type FrontOptions } from "./front.ts";
import { FRONT_CONTROL_FD } from "./front-process.ts";
import type { FrontStop } from "./front-shutdown.ts";
import { connectionCountFor } from "./descriptor-share.ts";
import { LogForwarder } from "./log-forwarder.ts";
import { nameProcess } from "../process-name.ts";
import { removeDirectory } from "../master/runtime-directory.ts";

/** What requests in flight are given when the master is gone: somebody may be waiting to bind the port anew. */
const ORPHAN_GRACE_MS = 5_000;

/** For a front that does not come to an end within the grace: longer than a worker needs to be killed. */
const ORPHAN_EXIT_MS = ORPHAN_GRACE_MS + 5_000;

const LOG_FLUSH_MS = 1_000;

/** A terminal or a service manager sends these to every process it knows; the master alone decides what they mean. */
const SIGNALS_OF_THE_MASTER = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

type StartMessage = Extract<MasterMessage, { kind: "start" }>;

/** Makes what serves clients, as far as its process looks at it. */
export type CreateFront = (
  options: Omit<FrontOptions, "environment">,
) => Pick<
  Front,
  | "start"
  | "acceptFor"
  | "setPeers"
  | "stop"
  | "status"
  | "replaceCredentials"
  | "recycleWorkers"
  | "reloadWorkers"
  | "resizePools"
  | "reopenLogs"
  | "drain"
  | "refreshPages"
  | "report"
>;

/** The role was started by a person, who has no master's descriptors to hand over. */
export class FrontRoleError extends VilyaError {
  override readonly code = "VILYA_FRONT_ROLE";
}

/**
 * The life of a front's process: it takes its orders from the control channel, and ends with the channel. When the master is gone it stops
 * accepting, gives what is in flight a moment, and exits.
 *
 * @returns the exit code.
 * @throws {FrontRoleError} when descriptor 3 is not a control channel.
 */
export async function runFrontRole(createFront: CreateFront): Promise<number> {
  if (!isSocket(FRONT_CONTROL_FD)) {
    throw new FrontRoleError("Cannot run a front: it has no control channel, only `vilya serve` starts one");
  }
  for (const signal of SIGNALS_OF_THE_MASTER) process.on(signal, () => {});
  wakeWhenMasterDies();
  nameProcess("vilya: front");
  return new FrontRole(createFront).run();
}

/** Its methods are called by messages; what they wait for may be overtaken by the next message. */
class FrontRole {
  readonly #exit = Promise.withResolvers<number>();
  readonly #createFront: CreateFront;
  #channel: ControlChannel<MasterMessage, FrontMessage> | null = null;
  #front: ReturnType<CreateFront> | null = null;
  #directory: string | null = null;
  #log: Log | null = null;
  /** A successor whose pools are ready. */
  #isPrepared = false;
  #hasStarted = false;
  /** Those who wait for one, by the number of their reload and their app. */
  readonly #verdicts = new Map<string, (mayServe: boolean) => void>();
  readonly #lines = new LogForwarder((lines, droppedCount) => this.#say({ kind: "log-lines", lines, droppedCount }));

  constructor(createFront: CreateFront) {
    this.#createFront = createFront;
  }

  async run(): Promise<number> {
    await openControlChannel<MasterMessage, FrontMessage>({
      fd: FRONT_CONTROL_FD,
      parse: parseMasterMessage,
      onOpen: (channel) => {
        this.#channel = channel;
      },
      onMessage: (message) => this.#hear(message),
      onClose: () => void this.#orphaned(),
    });
    return this.#exit.promise;
  }

  #hear(message: MasterMessage): void {
    switch (message.kind) {
      case "start":
        void this.#start(message);
        return;
      case "accept":
        void this.#accept(message.frontIndexes);
        return;
      case "peers":
        this.#front?.setPeers(message.peers);
        return;
      case "credentials":
        this.#replaceCredentials(message.credentials);
        return;
      case "reopen-logs":
        this.#front?.reopenLogs();
        return;
      case "drain":
        this.#front?.drain(message.isDrained);
        return;
      case "refresh":
        this.#front?.refreshPages(message.problem);
        return;
      case "stop":
        void this.#stop({ now: message.isNow, isHandover: message.isHandover });
        return;
      case "recycle":
        this.#front?.recycleWorkers(message.app);
        return;
      case "reload":
        void this.#reload(message);
        return;
      case "verdict":
        this.#verdicts.get(`${message.id} ${message.app}`)?.(message.mayServe);
        return;
      case "resize":
        this.#front?.resizePools(message.sizes);
        return;
      case "log-level":
        if (this.#log !== null) this.#log.level = message.level;
        return;
      case "report":
        if (this.#front !== null) this.#say({ kind: "report", report: this.#front.report });
        return;
      case "ping":
        if (this.#front !== null) this.#say({ kind: "pong", status: this.#front.status });
        return;
      default:
        message satisfies never;
    }
  }

  async #reload({ id, app }: Extract<MasterMessage, { kind: "reload" }>): Promise<void> {
    const apps = await this.#front?.reloadWorkers(app, (each, isReady) => this.#vote(id, each, isReady));
    this.#say({ kind: "reloaded", id, apps: apps ?? [] });
  }

  /** Whoever is not ready has nothing to wait for. */
  #vote(id: number, app: string, isReady: boolean): Promise<boolean> {
    this.#say({ kind: "vote", id, app, isReady });
    if (!isReady) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const key = `${id} ${app}`;
    this.#verdicts.set(key, resolve);
    return promise.finally(() => this.#verdicts.delete(key));
  }

  /** The master has proved them already; what fails here fails alone. */
  #replaceCredentials(credentials: StartMessage["credentials"]): void {
    try {
      this.#front?.replaceCredentials(credentials);
    } catch (error) {
      this.#log?.error("certificates not replaced", { error: error as Error });
    }
  }

  async #start({
    config,
    listenFds,
    place,
    credentials,
    directory,
    runtimeVersion,
    socketPrefix,
    peers,
    isSuccessor,
  }: StartMessage): Promise<void> {
    const options = processLog(config, "front");
    const fields = place.count === 1 ? options.fields : { ...options.fields, front: place.index };
    const log = openLog({ ...options, ...(fields && { fields }), onLine: (line) => this.#lines.add(line) });
    this.#log = log;
    this.#directory = directory;
    containFaults(log);
    try {
      const connectionCountMax = this.#provideDescriptors(config.server.connectionCountMax, log);
      this.#front = this.#createFront({
        config,
        listenFds,
        place,
        credentials,
        directory,
        socketPrefix,
        isSuccessor,
        connectionCountMax,
        log,
        runtimeVersion,
        onWorkerSpawned: (pid) => this.#say({ kind: "worker-spawned", pid }),
        onWorkerExited: (pid) => this.#say({ kind: "worker-exited", pid }),
      });
      this.#front.setPeers(peers);
      await this.#front.start();
      if (isSuccessor) {
        this.#isPrepared = true;
        this.#say({ kind: "prepared" });
      } else this.#sayStarted();
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #accept(frontIndexes: readonly number[]): Promise<void> {
    try {
      this.#front?.acceptFor(frontIndexes);
      if (this.#isPrepared) this.#sayStarted();
    } catch (error) {
      if (this.#hasStarted) this.#log?.error("not accepting for other fronts", { error: error as Error });
      else await this.#fail(error);
    }
  }

  #sayStarted(): void {
    if (this.#front === null || this.#hasStarted) return;
    this.#hasStarted = true;
    this.#say({ kind: "started", status: this.#front.status });
  }

  async #fail(error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    this.#say({ kind: "failed", message, apps: error instanceof FrontNotReadyError ? error.apps : [] });
    await this.#front?.stop({ now: true });
    await this.#leave(1);
  }

  /** @returns how many connections there may be: as many as are wanted, or as there are descriptors for. */
  #provideDescriptors(wantedCount: number, log: Log): number {
    const openFileCountMax = raiseOpenFileLimit();
    const connectionCountMax = connectionCountFor(openFileCountMax, wantedCount);
    if (connectionCountMax < wantedCount) {
      const event = "limit of open files is too low for server.max_connections";
      log.warn(event, { openFileCountMax, connectionCountMax, wantedCount });
    }
    return connectionCountMax;
  }

  async #stop(stop: FrontStop): Promise<void> {
    const stopping = this.#front?.stop(stop);
    if (stop.isHandover === true) this.#say({ kind: "handed-over" });
    const outcome = (await stopping) ?? { wasCut: false };
    this.#lines.flush();
    this.#say({ kind: "stopped", wasCut: outcome.wasCut });
    await this.#leave(0);
  }

  async #orphaned(): Promise<void> {
    this.#log?.error("master is gone, front stops", { graceMs: ORPHAN_GRACE_MS });
    setTimeout(() => void this.#stop({ now: true }), ORPHAN_GRACE_MS);
    setTimeout(() => void this.#leave(1), ORPHAN_EXIT_MS);
    await this.#stop({ now: false, isDelayed: false });
  }

  #say(message: FrontMessage): void {
    this.#channel?.send(message);
  }

  async #leave(exitCode: number): Promise<void> {
    // The master removes it, too; an orphan has nobody else.
    if (this.#directory !== null) removeDirectory(this.#directory);
    await this.#log?.flush(LOG_FLUSH_MS);
    this.#exit.resolve(exitCode);
  }
}

/** The end of the channel tells a front that runs that the master is gone; one that was stopped (SIGSTOP) has to be woken to hear it. */
function wakeWhenMasterDies(): void {
  try {
    dieWithParent("SIGCONT");
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    // A sandbox that forbids it: whoever stops a front there has to continue it, too.
  }
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}
