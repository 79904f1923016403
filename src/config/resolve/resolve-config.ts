import { basename, dirname, resolve } from "node:path";
import type { Accounts } from "../accounts.ts";
import { deriveAppDefaults, resolveApp } from "./resolve-app.ts";
import { appScopes } from "../app-scopes.ts";
import type { AdminConfig, Config, TracingConfig } from "../config.ts";
import type { ServerConfig } from "../server-config.ts";
import * as admin from "../options/admin-options.ts";
import * as general from "../options/general-options.ts";
import * as http2 from "../options/http2-options.ts";
import { proxyHeaders, trustedProxies } from "../options/listener-options.ts";
import { resolveLogging } from "./resolve-access-logs.ts";
import { resolveListeners } from "./resolve-listeners.ts";
import { resolveRoutes } from "./resolve-routes.ts";
import { deriveStaticRoot } from "./resolve-static.ts";
import { encodedSlashes } from "../options/route-options.ts";
import { routeScopes } from "../route-scopes.ts";
import * as limits from "../options/server-limit-options.ts";
import * as server from "../options/server-options.ts";
import * as tls from "../options/tls-options.ts";
import * as tracing from "../options/tracing-options.ts";
import type { Settings } from "../settings.ts";
import * as webSocket from "../options/websocket-options.ts";
import * as workers from "../options/worker-options.ts";

/** What relative paths and computed defaults start from. */
export interface Place {
  /** The configuration file, absolute; null when there is none. */
  readonly file: string | null;
  readonly cwd: string;
  readonly cpuCount: number;
  readonly accounts: Accounts;
}

const NAME_FALLBACK = "vilya";
const NAME_LENGTH_MAX = 32;

/** Fills in the defaults that depend on other values, so that rules, `config show` and the resolved configuration see the same. */
export function deriveDefaults(settings: Settings, place: Place): void {
  settings.derive(general.name, settings.value(general.name) ?? nameAfter(place));
  for (const { scope } of appScopes(settings)) deriveAppDefaults(scope, place);
  for (const scope of routeScopes(settings)) deriveStaticRoot(scope, place);
  settings.derive(general.fronts, countFronts(settings, place));
}

/** Builds the frozen configuration of settings that passed every check. */
export function resolveConfig(settings: Settings, place: Place): Config {
  const name = settings.value(general.name) ?? NAME_FALLBACK;
  return freezeDeep({
    file: place.file,
    name,
    runtimeDirectory: pathOrNull(settings.value(general.runtimeDirectory), place),
    frontCount: Number(settings.value(general.fronts)),
    server: resolveServer(settings, place),
    apps: appScopes(settings).map(({ name: app, scope }) => resolveApp(app, scope, place)),
    routes: resolveRoutes(settings),
    logging: resolveLogging(settings, place.cwd),
    admin: resolveAdmin(settings, place),
    isDevelopment: false,
    tracing: resolveTracing(settings),
  });
}

function resolveAdmin(settings: Settings, place: Place): AdminConfig | null {
  if (!settings.value(admin.adminEnabled)) return null;
  return {
    host: settings.value(admin.adminHost),
    port: settings.value(admin.adminPort),
    isAddressGiven: [admin.adminHost, admin.adminPort].some(
      (option) => settings.value<unknown>(option) !== option.default,
    ),
    tokenFile: pathOrNull(settings.value(admin.adminTokenFile), place),
  };
}

function resolveTracing(settings: Settings): TracingConfig | null {
  const endpoint = settings.value(tracing.tracingEndpoint);
  if (endpoint === null) return null;
  return {
    endpoint,
    sampleShare: settings.value(tracing.tracingSample),
    isFollowed: settings.value(tracing.tracingFollow),
    headers: settings.entries(tracing.tracingHeaders),
  };
}

function resolveServer(settings: Settings, place: Place): ServerConfig {
  return {
    listeners: resolveListeners(settings, place.cwd),
    trustedProxies: [...settings.value(trustedProxies)],
    forwardedFields: settings.value(proxyHeaders),
    arrivals: { deadlineMs: settings.value(tls.handshakeTimeout), countMax: settings.value(tls.maxHandshakes) },
    backlog: settings.value(server.backlog),
    connectionCountMax: settings.value(server.maxConnections),
    requestsPerConnectionMax: settings.value(server.maxRequestsPerConnection),
    encodedSlashes: settings.value(encodedSlashes),
    healthPath: settings.value(server.healthPath) || null,
    bodyBytesMax: settings.value(server.maxBodySize),
    bodyMemoryBytesMax: settings.value(server.bodyMemory),
    bodyMemoryBytesTotalMax: settings.value(server.bodyMemoryTotal),
    bodyDirectory: pathOrNull(settings.value(server.bodyDirectory), place),
    limits: {
      requestLineBytesMax: settings.value(limits.requestLine),
      headerLineBytesMax: settings.value(limits.headerLine),
      headerCountMax: settings.value(limits.headerCount),
      headerBytesMax: settings.value(limits.headerBytes),
      trailerBytesMax: settings.value(limits.trailerBytes),
      chunkExtensionBytesMax: settings.value(limits.chunkExtensionBytes),
    },
    deadlines: {
      headMs: settings.value(limits.headDeadline),
      bodyMs: settings.value(server.readTimeout),
      idleMs: settings.value(limits.idleDeadline),
      writeMs: settings.value(server.writeTimeout),
    },
    http2: {
      concurrentStreamCountMax: settings.value(http2.maxConcurrentStreams),
      streamWindowBytes: settings.value(http2.streamWindow),
      connectionWindowBytes: settings.value(http2.connectionWindow),
      sendBufferBytes: settings.value(http2.sendBuffer),
      resetCountMax: settings.value(http2.maxResets),
      idleFrameCountMax: settings.value(http2.maxIdleFrames),
    },
    webSocket: {
      messageBytesMax: settings.value(webSocket.maxMessageSize),
      messageMemoryBytesMax: settings.value(webSocket.messageMemory),
      sendBufferBytesMax: settings.value(webSocket.sendBuffer),
      slowClient: settings.value(webSocket.slowClient),
      pingIntervalMs: settings.value(webSocket.pingInterval),
      idleMs: settings.value(webSocket.idleTimeout),
      closeMs: settings.value(webSocket.closeTimeout),
      compression: settings.value(webSocket.compression),
      compressionBytesMin: settings.value(webSocket.compressionMinSize),
      compressionWindowBits: settings.value(webSocket.compressionWindowBits),
      topicCountMax: settings.value(webSocket.maxTopics),
      topicBytesMax: settings.value(webSocket.maxTopicSize),
      allowedOrigins: settings.value(webSocket.allowedOrigins),
    },
    shutdownDelayMs: settings.value(server.shutdownDelay),
    graceTimeoutMs: settings.value(server.graceTimeout),
  };
}

/** No app gets more workers than it asks for because of `auto`. */
function countFronts(settings: Settings, { cpuCount }: Place): number {
  const count = settings.value(general.fronts);
  if (count !== "auto") return count;
  const apps = appScopes(settings).filter(({ scope }) => scope.value(general.runtime) !== "stub");
  return Math.min(cpuCount, ...apps.map(({ scope }) => Number(scope.value(workers.count))));
}

function nameAfter({ file, cwd }: Place): string {
  const directory = basename(file === null ? cwd : dirname(file));
  const name = directory.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return name.slice(0, NAME_LENGTH_MAX) || NAME_FALLBACK;
}

function pathOrNull(path: string | null, { cwd }: Place): string | null {
  return path === null ? null : resolve(cwd, path);
}

function freezeDeep<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) freezeDeep(member);
    Object.freeze(value);
  }
  return value;
}
