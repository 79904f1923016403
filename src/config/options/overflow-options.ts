import { HOUR_MS, MINUTE_MS } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { boolean, integer } from "../types/option-type.ts";
import { duration } from "../types/quantity.ts";

const QUEUE_DEPTH_MAX = 1_000_000;

export const backpressureEnabled: Option<boolean> = {
  kind: "value",
  key: "workers.backpressure.enabled",
  type: boolean(),
  default: false,
  summary: "Whether requests past `max_queue` are answered 503 at once. Not together with `queue_timeout`.",
  replaces: "front",
};

export const backpressureMaxQueue: Option<number | null> = {
  kind: "value",
  key: "workers.backpressure.max_queue",
  type: integer({ min: 0, max: QUEUE_DEPTH_MAX }),
  default: null,
  defaultRule: "none: required when enabled",
  summary: "Requests that may wait. `0` lets none wait: 503 as soon as all workers are busy.",
  guards: "Waiting times under overload: who cannot be served soon learns it now.",
  replaces: "front",
};

/** The `workers.backpressure` section. */
export const backpressureSection: Section = {
  key: "workers.backpressure",
  summary: "Overflow strategy: refuse at once when the queue is full.",
  options: [backpressureEnabled, backpressureMaxQueue],
};

export const queueTimeoutEnabled: Option<boolean> = {
  kind: "value",
  key: "workers.queue_timeout.enabled",
  type: boolean(),
  default: false,
  summary:
    "Whether requests wait up to `timeout_ms` for a worker and are then answered 503. Not together with `backpressure`.",
  replaces: "front",
};

export const queueTimeoutMs: Option<number | null> = {
  kind: "value",
  key: "workers.queue_timeout.timeout_ms",
  type: duration("ms", { min: 1, max: HOUR_MS, zeroMeans: "do not wait" }),
  default: null,
  defaultRule: "none: required when enabled",
  summary:
    "How long a request may wait, in milliseconds. The depth of the queue is still bounded by `workers.queue.max_queue`.",
  guards: "Waiting times under overload, where a short wait is welcome.",
  replaces: "front",
};

/** The `workers.queue_timeout` section. */
export const queueTimeoutSection: Section = {
  key: "workers.queue_timeout",
  summary: "Overflow strategy: wait up to a limit.",
  options: [queueTimeoutEnabled, queueTimeoutMs],
};

export const queueMaxQueue: Option<number> = {
  kind: "value",
  key: "workers.queue.max_queue",
  type: integer({ min: 0, max: QUEUE_DEPTH_MAX }),
  default: 10_000,
  summary: "Requests that may wait where neither strategy is enabled, and with `queue_timeout`. More are answered 503.",
  guards: "Memory under overload. The default is `server.max_connections`: HTTP/1.1 clients do not reach it.",
  replaces: "front",
};

export const queueTimeout: Option<number> = {
  kind: "value",
  key: "workers.queue.timeout_ms",
  type: duration("ms", { min: 1, max: HOUR_MS, zeroMeans: "do not wait" }),
  default: MINUTE_MS,
  summary: "How long a request may wait where neither strategy is enabled, in milliseconds; then it is answered 503.",
  guards: "Requests that nobody waits for any more.",
  replaces: "front",
};

/** The `workers.queue` section. */
export const queueSection: Section = {
  key: "workers.queue",
  summary: "What holds when neither overflow strategy is enabled: requests wait, within generous bounds.",
  options: [queueMaxQueue, queueTimeout],
};
