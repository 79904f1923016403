import { isIP } from "node:net";

import { adminEnabled, adminHost, adminTokenFile } from "../options/admin-options.ts";
import { appScopes } from "../app-scopes.ts";
import { fronts, type Runtime, runtime } from "../options/general-options.ts";
import type { FieldOption } from "../options/option.ts";
import type { Origin } from "../origin.ts";
import * as overflow from "../options/overflow-options.ts";
import { backpressureSection, queueTimeoutSection } from "../options/overflow-options.ts";
import type { ConfigProblem } from "../problem.ts";
import { headerBytes, headerLine } from "../options/server-limit-options.ts";
import { bodyMemory, bodyMemoryTotal, maxBodySize } from "../options/server-options.ts";
import type { Settings } from "../settings.ts";
import { SettingsScope } from "../settings-scope.ts";
import { idleTimeout, maxMessageSize, pingInterval } from "../options/websocket-options.ts";
import { count, frameSize, maxWorkers, minWorkers, start } from "../options/worker-options.ts";

/** What options have to be to one another. Defaults are filled in before, so a rule compares what would be in effect. */
export function checkRules(settings: Settings): readonly ConfigProblem[] {
  return [
    ...broken(SERVER_RULES, new SettingsScope(settings)),
    ...appScopes(settings).flatMap(({ scope }) => broken(APP_RULES, scope)),
  ];
}

function broken(rules: readonly Rule[], scope: SettingsScope): readonly ConfigProblem[] {
  return rules
    .filter((rule) => scope.areSound(...rule.options) && !rule.holds(scope))
    .map((rule) => ({
      message: `Cannot use ${scope.keyOf(rule.subject)}: ${rule.state(scope)}`,
      origins: originsOf(scope, rule.options),
      hint: rule.hint,
    }));
}

/** What works, but probably not as meant. */
export function checkAdvice(settings: Settings): readonly ConfigProblem[] {
  const server = new SettingsScope(settings);
  return appScopes(settings).flatMap(({ scope }) =>
    adviseOnFrames(scope, server).concat(adviseOnMessages(scope, server), adviseOnFronts(scope, server)),
  );
}

function adviseOnFronts(scope: SettingsScope, general: SettingsScope): readonly ConfigProblem[] {
  const [, workerCount] = workerCounts(scope);
  const frontCount = Number(general.value(fronts));
  if (scope.value(runtime) === "stub" || workerCount >= frontCount) return [];
  return [
    {
      message: `Cannot share out ${scope.keyOf(count)} (${workerCount}) among fronts (${frontCount}): each front starts a worker of its own, as many workers as fronts or more are allowed`,
      origins: [...originsOf(general, [fronts]), ...originsOf(scope, [count])],
      hint: `try: ${scope.keyOf(count)}: ${frontCount}`,
    },
  ];
}

function adviseOnFrames(scope: SettingsScope, server: SettingsScope): readonly ConfigProblem[] {
  // Every other runtime has a library of ours in its workers, which takes large bodies in files.
  if (scope.value(runtime) !== "command" || server.value(maxBodySize) <= scope.value(frameSize)) return [];
  const frameKey = scope.keyOf(frameSize);
  return [
    {
      message: `Cannot hand over bodies up to server.max_body_size (${server.show(maxBodySize)}): ${frameKey} is ${scope.show(frameSize)}, and a larger request is answered 413 where workers take no bodies in files`,
      origins: [...originsOf(server, [maxBodySize]), ...originsOf(scope, [frameSize])],
      hint: `try: raise ${frameKey}, or lower server.max_body_size`,
    },
  ];
}

function adviseOnMessages(scope: SettingsScope, server: SettingsScope): readonly ConfigProblem[] {
  if (scope.value(runtime) === "stub" || server.value(maxMessageSize) < scope.value(frameSize)) return [];
  const frameKey = scope.keyOf(frameSize);
  return [
    {
      message: `Cannot hand over messages up to ${maxMessageSize.key} (${server.show(maxMessageSize)}): ${frameKey} is ${scope.show(frameSize)}, and what does not fit a frame closes its WebSocket with 1009`,
      origins: [...originsOf(server, [maxMessageSize]), ...originsOf(scope, [frameSize])],
      hint: `try: raise ${frameKey}, or lower ${maxMessageSize.key}`,
    },
  ];
}

interface Rule {
  readonly options: readonly FieldOption[];
  readonly holds: (scope: SettingsScope) => boolean;
  /** What the message names. */
  readonly subject: Pick<FieldOption, "key">;
  /** `<state>, <what is allowed> is allowed`. */
  readonly state: (scope: SettingsScope) => string;
  readonly hint: string | null;
}

const SERVER_RULES: readonly Rule[] = [
  {
    options: [adminHost, adminTokenFile],
    holds: (scope) =>
      !scope.value(adminEnabled) || scope.value(adminTokenFile) !== null || isLoopback(scope.value(adminHost)),
    subject: adminHost,
    state: (scope) =>
      `it is ${scope.value(adminHost)} and there is no admin.token_file, without one an address of the loopback is allowed`,
    hint: "try: admin.token_file with a file that holds a long random word",
  },
  {
    options: [pingInterval, idleTimeout],
    holds: (scope) => {
      const [pingMs, idleMs] = [scope.value(pingInterval), scope.value(idleTimeout)];
      return idleMs === 0 || pingMs < idleMs;
    },
    subject: pingInterval,
    state: (scope) =>
      `it is ${scope.show(pingInterval)} and idle_timeout ${scope.show(idleTimeout)}, ping_interval < idle_timeout is allowed`,
    hint: "try: an idle_timeout of twice the ping_interval or more, so that a client has time to answer",
  },
  {
    options: [headerLine, headerBytes],
    holds: (scope) => scope.value(headerLine) <= scope.value(headerBytes),
    subject: headerLine,
    state: (scope) =>
      `it is ${scope.show(headerLine)}, at most server.limits.header_bytes (${scope.show(headerBytes)}) is allowed`,
    hint: null,
  },
  {
    options: [bodyMemory, bodyMemoryTotal],
    holds: (scope) => scope.value(bodyMemory) <= scope.value(bodyMemoryTotal),
    subject: bodyMemory,
    state: (scope) =>
      `it is ${scope.show(bodyMemory)}, at most server.body_memory_total (${scope.show(bodyMemoryTotal)}) is allowed`,
    hint: null,
  },
];

const BACKPRESSURE = { key: backpressureSection.key };
const QUEUE_TIMEOUT = { key: queueTimeoutSection.key };

/** Whose workers can be forked; a stub has none. */
const FORKING_RUNTIMES: ReadonlySet<Runtime> = new Set(["php", "python", "command", "stub"]);

const APP_RULES: readonly Rule[] = [
  {
    options: [minWorkers, count, maxWorkers],
    holds: (scope) => {
      const [least, initial, most] = workerCounts(scope);
      return least <= initial && initial <= most;
    },
    subject: count,
    state: (scope) => {
      const [least, initial, most] = workerCounts(scope);
      return `min_workers is ${least}, count ${initial}, max_workers ${most}, min_workers <= count <= max_workers is allowed`;
    },
    hint: null,
  },
  {
    options: [start, runtime],
    holds: (scope) => scope.value(start) === "exec" || FORKING_RUNTIMES.has(scope.value(runtime)),
    subject: start,
    state: (scope) =>
      `it is fork and runtime ${scope.value(runtime)}, fork with runtime php, python or command is allowed`,
    hint: "try: start: exec",
  },
  {
    options: [overflow.backpressureEnabled, overflow.queueTimeoutEnabled],
    holds: (scope) => !(scope.value(overflow.backpressureEnabled) && scope.value(overflow.queueTimeoutEnabled)),
    subject: BACKPRESSURE,
    state: (scope) => `${scope.keyOf(QUEUE_TIMEOUT)} is enabled too, one of the two is allowed`,
    hint: "try: enabled: false on one of them",
  },
  {
    options: [overflow.backpressureEnabled, overflow.backpressureMaxQueue],
    holds: (scope) => !scope.value(overflow.backpressureEnabled) || scope.value(overflow.backpressureMaxQueue) !== null,
    subject: BACKPRESSURE,
    state: () => `max_queue is not given, ${overflow.backpressureMaxQueue.type.allowed} is allowed`,
    hint: "try: max_queue: 0 to refuse as soon as all workers are busy",
  },
  {
    options: [overflow.queueTimeoutEnabled, overflow.queueTimeoutMs],
    holds: (scope) => !scope.value(overflow.queueTimeoutEnabled) || scope.value(overflow.queueTimeoutMs) !== null,
    subject: QUEUE_TIMEOUT,
    state: () => `timeout_ms is not given, ${overflow.queueTimeoutMs.type.allowed} is allowed`,
    hint: null,
  },
];

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function workerCounts(scope: SettingsScope): readonly [least: number, initial: number, most: number] {
  const initial = Number(scope.value(count));
  return [scope.value(minWorkers) ?? initial, initial, scope.value(maxWorkers) ?? initial];
}

function originsOf(scope: SettingsScope, options: readonly FieldOption[]): readonly Origin[] {
  return options.map((option) => scope.origin(option)).filter(({ kind }) => kind !== "default");
}
