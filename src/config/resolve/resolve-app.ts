import { resolve } from "node:path";

import type { Accounts } from "../accounts.ts";
import type { AppConfig, OverflowConfig, PoolConfig, PythonConfig } from "../app-config.ts";
import { runtime } from "../options/general-options.ts";
import * as overflow from "../options/overflow-options.ts";
import * as php from "../options/php-options.ts";
import * as python from "../options/python-options.ts";
import { resolveCompression } from "./resolve-compression.ts";
import { deriveStaticRoot, resolveSendfile, resolveStatic } from "./resolve-static.ts";
import * as program from "../options/program-options.ts";
import type { SettingsScope } from "../settings-scope.ts";
import { resolveUploads } from "./resolve-uploads.ts";
import * as workerLimits from "../options/worker-limit-options.ts";
import { resolveIdentity } from "../worker-identity.ts";
import * as workers from "../options/worker-options.ts";

/** Fills in the defaults of an app that depend on its other values or on the machine. */
export function deriveAppDefaults(
  settings: SettingsScope,
  { cwd, cpuCount }: { readonly cwd: string; readonly cpuCount: number },
): void {
  const count = settings.value(workers.count);
  const workerCount = count === "auto" ? cpuCount : count;
  settings.derive(workers.count, workerCount);
  settings.derive(workers.minWorkers, settings.value(workers.minWorkers) ?? workerCount);
  settings.derive(workers.maxWorkers, settings.value(workers.maxWorkers) ?? workerCount);
  deriveStaticRoot(settings, { cwd });
  // What grows in PHP's memory is a matter of course; a program that runs for years on its own needs no replacing.
  const isLongLived = ["bun", "node", "python"].includes(settings.value(runtime));
  if (isLongLived && settings.origin(workers.maxRequests).kind === "default") settings.derive(workers.maxRequests, 0);
  const programDirectory = resolve(cwd, settings.value(program.workingDirectory) ?? ".");
  settings.derive(program.workingDirectory, programDirectory);
  const entry = settings.value(program.entry);
  // Python names modules, and not by their paths.
  if (entry !== null && settings.value(runtime) !== "python")
    settings.derive(program.entry, resolve(programDirectory, entry));
  const interpreter = settings.value(program.binary);
  if (interpreter?.includes("/") === true) settings.derive(program.binary, resolve(programDirectory, interpreter));
  const workingDirectory = resolve(cwd, settings.value(php.workingDirectory) ?? ".");
  settings.derive(php.workingDirectory, workingDirectory);
  settings.derive(php.workerScript, resolve(workingDirectory, settings.value(php.workerScript)));
  const binary = settings.value(php.binary);
  if (binary.includes("/")) settings.derive(php.binary, resolve(workingDirectory, binary));
}

/** What an app's paths start from, and who may be on the machine. */
export interface AppPlace {
  readonly cwd: string;
  readonly accounts: Accounts;
}

/** Builds an app of settings that passed every check. */
export function resolveApp(name: string, settings: SettingsScope, place: AppPlace): AppConfig {
  return {
    name,
    runtime: settings.value(runtime),
    ...resolveProgram(settings),
    static: resolveStatic(settings),
    sendfile: resolveSendfile(settings, place),
    compression: resolveCompression(settings),
    uploads: resolveUploads(settings),
    ini: settings.entries(php.ini),
    python: resolvePython(settings),
    pool: resolvePool(settings, place),
  };
}

type Program = Pick<AppConfig, "binary" | "binaryArguments" | "entry" | "workingDirectory" | "environment">;

function resolveProgram(settings: SettingsScope): Program {
  const kind = settings.value(runtime);
  if (kind === "php" || kind === "stub") {
    return {
      binary: settings.value(php.binary),
      binaryArguments: [...settings.value(php.args)],
      entry: settings.value(php.workerScript),
      workingDirectory: settings.value(php.workingDirectory) ?? ".",
      environment: settings.entries(php.environment),
    };
  }
  const workingDirectory = settings.value(program.workingDirectory) ?? ".";
  const environment = settings.entries(program.environment);
  if (kind === "command") {
    const [name = "", ...binaryArguments] = settings.value(program.command);
    const binary = name.includes("/") ? resolve(workingDirectory, name) : name;
    return { binary, binaryArguments, entry: "", workingDirectory, environment };
  }
  return {
    binary: settings.value(program.binary) ?? (kind === "node" ? "node" : null),
    binaryArguments: [...settings.value(program.args)],
    entry: settings.value(program.entry) ?? "",
    workingDirectory,
    environment,
  };
}

function resolvePython(settings: SettingsScope): PythonConfig {
  return {
    interface: settings.value(python.pythonInterface),
    lifespan: settings.value(python.lifespan),
    threadCount: settings.value(python.threads),
    rootPath: settings.value(python.rootPath) ?? "",
    specVersion: settings.value(python.specVersion),
    disconnectGraceMs: settings.value(python.disconnectGrace),
  };
}

function resolvePool(settings: SettingsScope, { accounts }: AppPlace): PoolConfig {
  const workerCount = Number(settings.value(workers.count));
  return {
    workerCount,
    workerCountMin: settings.value(workers.minWorkers) ?? workerCount,
    workerCountMax: settings.value(workers.maxWorkers) ?? workerCount,
    scaleDownIdleMs: settings.value(workers.scaleDownIdle),
    aggressiveScaleDownMs: settings.value(workers.aggressiveScaleDown),
    requestsPerWorkerMax: settings.value(workers.maxRequests),
    requestsPerWorkerJitter: settings.value(workers.maxRequestsJitter),
    requestTimeoutMs: settings.value(workers.timeout),
    start: settings.value(workers.start),
    startTimeoutMs: settings.value(workers.startTimeout),
    shutdownDelayMs: settings.value(workerLimits.shutdownDelay),
    graceTimeoutMs: settings.value(workerLimits.graceTimeout),
    stopTimeoutMs: settings.value(workers.stopTimeout),
    scheduling: settings.value(workers.scheduling),
    limits: {
      openFileCountMax: settings.value(workerLimits.openFiles),
      addressSpaceBytesMax: settings.value(workerLimits.addressSpace),
      niceness: settings.value(workerLimits.nice),
    },
    identity: resolveIdentity(settings, accounts),
    memoryBytesMax: settings.value(workers.memoryLimit),
    frameBytesMax: settings.value(workers.frameSize),
    streamCreditBytes: settings.value(workers.streamCredit),
    streamIdleTimeoutMs: settings.value(workers.streamIdleTimeout),
    streamsRequests: settings.value(workers.streamRequest),
    concurrencyMax: settings.value(workers.concurrency) || workers.CONCURRENCY_MAX,
    cancelGraceMs: settings.value(workers.cancelGrace),
    pingIntervalMs: settings.value(workers.pingInterval),
    pingTimeoutMs: settings.value(workers.pingTimeout),
    prefetch: settings.value(workers.prefetch),
    overflow: resolveOverflow(settings),
    retryAfterS: Math.ceil(settings.value(workers.retryAfter) / 1_000),
  };
}

function resolveOverflow(settings: SettingsScope): OverflowConfig {
  if (settings.value(overflow.backpressureEnabled)) {
    return { strategy: "backpressure", queueDepthMax: settings.value(overflow.backpressureMaxQueue) ?? 0 };
  }
  const queueDepthMax = settings.value(overflow.queueMaxQueue);
  if (settings.value(overflow.queueTimeoutEnabled)) {
    return { strategy: "queue_timeout", queueDepthMax, queueTimeoutMs: settings.value(overflow.queueTimeoutMs) ?? 0 };
  }
  return { strategy: "default", queueDepthMax, queueTimeoutMs: settings.value(overflow.queueTimeout) };
}
