import type { AnyOption, Option } from "./option.ts";
import type { Origin } from "./origin.ts";
import * as overflow from "./overflow-options.ts";
import type { ConfigProblem } from "./problem.ts";
import { headerBytes, headerLine } from "./server-limit-options.ts";
import { bodyMemory, bodyMemoryTotal, maxBodySize } from "./server-options.ts";
import type { Settings } from "./settings.ts";
import { idleTimeout, pingInterval } from "./websocket-options.ts";
import { count, frameSize, maxWorkers, minWorkers } from "./worker-options.ts";

/** What options have to be to one another. Defaults are filled in before, so a rule compares what would be in effect. */
export function checkRules(settings: Settings): readonly ConfigProblem[] {
  return RULES.filter((rule) => settings.areSound(...rule.options) && !rule.holds(settings)).map((rule) => ({
    message: rule.message(settings),
    origins: originsOf(settings, rule.options),
    hint: rule.hint,
  }));
}

/** What works, but probably not as meant. */
export function checkAdvice(settings: Settings): readonly ConfigProblem[] {
  const [body, frame] = [settings.value(maxBodySize), settings.value(frameSize)];
  if (body <= frame) return [];
  return [
    {
      message: `Cannot hand over bodies up to server.max_body_size (${show(settings, maxBodySize)}): workers.frame_size is ${show(settings, frameSize)}, and a request larger than a frame is answered 413`,
      origins: originsOf(settings, [maxBodySize, frameSize]),
      hint: "try: raise workers.frame_size, or lower server.max_body_size",
    },
  ];
}

interface Rule {
  readonly options: readonly AnyOption[];
  readonly holds: (settings: Settings) => boolean;
  readonly message: (settings: Settings) => string;
  readonly hint: string | null;
}

const RULES: readonly Rule[] = [
  {
    options: [pingInterval, idleTimeout],
    holds: (settings) => {
      const [pingMs, idleMs] = [settings.value(pingInterval), settings.value(idleTimeout)];
      return idleMs === 0 || pingMs < idleMs;
    },
    message: (settings) =>
      `Cannot use server.websocket.ping_interval: it is ${show(settings, pingInterval)} and idle_timeout ${show(settings, idleTimeout)}, ping_interval < idle_timeout is allowed`,
    hint: "try: an idle_timeout of twice the ping_interval or more, so that a client has time to answer",
  },
  {
    options: [minWorkers, count, maxWorkers],
    holds: (settings) => {
      const [least, initial, most] = workerCounts(settings);
      return least <= initial && initial <= most;
    },
    message: (settings) => {
      const [least, initial, most] = workerCounts(settings);
      return `Cannot use workers.count: min_workers is ${least}, count ${initial}, max_workers ${most}, min_workers <= count <= max_workers is allowed`;
    },
    hint: null,
  },
  {
    options: [overflow.backpressureEnabled, overflow.queueTimeoutEnabled],
    holds: (settings) =>
      !(settings.value(overflow.backpressureEnabled) && settings.value(overflow.queueTimeoutEnabled)),
    message: () => "Cannot use workers.backpressure: workers.queue_timeout is enabled too, one of the two is allowed",
    hint: "try: enabled: false on one of them",
  },
  {
    options: [overflow.backpressureEnabled, overflow.backpressureMaxQueue],
    holds: (settings) =>
      !settings.value(overflow.backpressureEnabled) || settings.value(overflow.backpressureMaxQueue) !== null,
    message: () =>
      `Cannot use workers.backpressure: max_queue is not given, ${overflow.backpressureMaxQueue.type.allowed} is allowed`,
    hint: "try: max_queue: 0 to refuse as soon as all workers are busy",
  },
  {
    options: [overflow.queueTimeoutEnabled, overflow.queueTimeoutMs],
    holds: (settings) =>
      !settings.value(overflow.queueTimeoutEnabled) || settings.value(overflow.queueTimeoutMs) !== null,
    message: () =>
      `Cannot use workers.queue_timeout: timeout_ms is not given, ${overflow.queueTimeoutMs.type.allowed} is allowed`,
    hint: null,
  },
  {
    options: [headerLine, headerBytes],
    holds: (settings) => settings.value(headerLine) <= settings.value(headerBytes),
    message: (settings) =>
      `Cannot use server.limits.header_line: it is ${show(settings, headerLine)}, at most server.limits.header_bytes (${show(settings, headerBytes)}) is allowed`,
    hint: null,
  },
  {
    options: [bodyMemory, bodyMemoryTotal],
    holds: (settings) => settings.value(bodyMemory) <= settings.value(bodyMemoryTotal),
    message: (settings) =>
      `Cannot use server.body_memory: it is ${show(settings, bodyMemory)}, at most server.body_memory_total (${show(settings, bodyMemoryTotal)}) is allowed`,
    hint: null,
  },
];

function workerCounts(settings: Settings): readonly [least: number, initial: number, most: number] {
  const initial = Number(settings.value(count));
  return [settings.value(minWorkers) ?? initial, initial, settings.value(maxWorkers) ?? initial];
}

function originsOf(settings: Settings, options: readonly AnyOption[]): readonly Origin[] {
  return options.map(({ key }) => settings.origin(key)).filter(({ kind }) => kind !== "default");
}

function show(settings: Settings, option: Option<number>): string {
  return String(option.type.show(settings.value(option)));
}
