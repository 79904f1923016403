import { resolve } from "node:path";

import type { AppConfig, OverflowConfig, PoolConfig } from "./config.ts";
import { runtime } from "./general-options.ts";
import * as overflow from "./overflow-options.ts";
import * as php from "./php-options.ts";
import { deriveStaticRoot, resolveStatic } from "./resolve-static.ts";
import type { SettingsScope } from "./settings-scope.ts";
import * as workers from "./worker-options.ts";

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
  const workingDirectory = resolve(cwd, settings.value(php.workingDirectory) ?? ".");
  settings.derive(php.workingDirectory, workingDirectory);
  settings.derive(php.workerScript, resolve(workingDirectory, settings.value(php.workerScript)));
  const binary = settings.value(php.binary);
  if (binary.includes("/")) settings.derive(php.binary, resolve(workingDirectory, binary));
}

/** Builds an app of settings that passed every check. */
export function resolveApp(name: string, settings: SettingsScope): AppConfig {
  return {
    name,
    runtime: settings.value(runtime),
    binary: settings.value(php.binary),
    binaryArguments: [...settings.value(php.args)],
    workerScript: settings.value(php.workerScript),
    workingDirectory: settings.value(php.workingDirectory) ?? ".",
    static: resolveStatic(settings),
    environment: settings.entries(php.environment),
    ini: settings.entries(php.ini),
    pool: resolvePool(settings),
  };
}

function resolvePool(settings: SettingsScope): PoolConfig {
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
    startTimeoutMs: settings.value(workers.startTimeout),
    stopTimeoutMs: settings.value(workers.stopTimeout),
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
