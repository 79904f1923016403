import { DAY_MS, GIB, HOUR_MS, KIB, MIB, SECOND_MS, TIB } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { boolean, choice, either, integer } from "../types/option-type.ts";
import { addressSpace, graceTimeout, nice, openFiles, shutdownDelay } from "./worker-limit-options.ts";
import { byteSize, duration, percentage } from "../types/quantity.ts";
import { group, user } from "./worker-account-options.ts";

/** More requests at a time than this are no bound any more. docs/reference/wire.md, W2.20. */
export const CONCURRENCY_MAX = 4096;

/** More processes than this on one machine are a typing error. */
export const WORKER_COUNT_RANGE = { min: 1, max: 1024 } as const;

export const count: Option<number | "auto"> = {
  kind: "value",
  key: "workers.count",
  type: either(choice(["auto"]), integer(WORKER_COUNT_RANGE)),
  default: 4,
  summary:
    "Workers started at first, and kept under normal load. `min_workers <= count <= max_workers`. `auto` is the number of CPUs the process may use.",
  guards: "Memory and database connections: each worker is one process that holds its own.",
  replaces: "in place",
  flag: "workers",
  shortNames: ["WORKERS"],
};

export const minWorkers: Option<number | null> = {
  kind: "value",
  key: "workers.min_workers",
  type: integer(WORKER_COUNT_RANGE),
  default: null,
  defaultRule: "the same as `count`",
  summary: "Workers that stay, warm, when the pool scales down. Set it lower than `count` to allow that.",
  replaces: "in place",
};

export const maxWorkers: Option<number | null> = {
  kind: "value",
  key: "workers.max_workers",
  type: integer(WORKER_COUNT_RANGE),
  default: null,
  defaultRule: "the same as `count`",
  summary: "Workers the pool may scale up to under load. Set it higher than `count` to allow that.",
  guards: "Resource use in a spike.",
  replaces: "in place",
};

export const scaleDownIdle: Option<number> = {
  kind: "value",
  key: "workers.scale_down_idle_secs",
  type: duration("s", { min: 10, max: DAY_MS, zeroMeans: "off" }),
  default: 0,
  summary:
    "After so many seconds without work the pool gives up one worker, and one more after each further such time, down to `min_workers`.",
  replaces: "front",
};

export const aggressiveScaleDown: Option<number> = {
  kind: "value",
  key: "workers.aggressive_scale_down_secs",
  type: duration("s", { min: 10, max: DAY_MS, zeroMeans: "off" }),
  default: 0,
  summary: "After so many seconds without work the pool gives up all workers above `min_workers` at once.",
  replaces: "front",
};

export const maxRequests: Option<number> = {
  kind: "value",
  key: "workers.max_requests",
  type: integer({ min: 0, max: 1_000_000_000 }),
  default: 1000,
  summary:
    "Requests a worker serves before it is recycled; its replacement is ready before it leaves, and until then it serves on (from 100 requests on; below, the number is exact). `0` sets no bound: not recommended for PHP, and the default for `runtime: bun`, `node` and `python`.",
  guards: "Memory leaks and state that grows in application code.",
  replaces: "front",
};

export const maxRequestsJitter: Option<number> = {
  kind: "value",
  key: "workers.max_requests_jitter",
  type: percentage({ min: 0, max: 50 }),
  default: 0.1,
  summary: "Share, in percent, by which each worker's `max_requests` is lowered at random.",
  guards: "All workers of a pool recycling at the same moment.",
  replaces: "front",
};

export const timeout: Option<number> = {
  kind: "value",
  key: "workers.timeout",
  type: duration("s", { min: 10, max: DAY_MS }),
  default: 30 * SECOND_MS,
  summary:
    "How long a worker may take for one request, in seconds; then the client gets 504 at once and the worker is stopped and replaced.",
  guards: "Endless loops and hanging back ends: a worker is never lost for good.",
  replaces: "front",
};

export const start: Option<"exec" | "fork"> = {
  kind: "value",
  key: "workers.start",
  type: choice(["exec", "fork"]),
  default: "exec",
  summary:
    "How workers come to be: with `exec` each one boots the application by itself; with `fork` one process boots it, serves nothing, and workers are forked from it, which takes milliseconds and shares the memory of what has been booted. Connections must not be opened before the fork, and no threads started: `#[OnStart]` in PHP and `@vilya.on_start` in Python are the place for them. For PHP with ext-pcntl and ext-posix, for Python with the GIL, and for programs that speak W2.65 of the worker protocol.",
  guards: "The time and memory that booting each worker costs: with it, `max_requests: 1` becomes affordable.",
  replaces: "front",
};

export const startTimeout: Option<number> = {
  kind: "value",
  key: "workers.start_timeout",
  type: duration("s", { min: 10, max: HOUR_MS }),
  default: 10 * SECOND_MS,
  summary:
    "How long a worker may take from its start to its handshake, in seconds: the application's boot. Then it is killed and started again, later each time.",
  guards: "A worker that hangs while it boots.",
  replaces: "front",
};

export const stopTimeout: Option<number> = {
  kind: "value",
  key: "workers.stop_timeout",
  type: duration("s", { min: 10, max: HOUR_MS, zeroMeans: "kill at once" }),
  default: 5 * SECOND_MS,
  summary: "How long a worker may take to exit after SIGTERM, in seconds, before SIGKILL.",
  guards: "A worker that ignores SIGTERM.",
  replaces: "front",
};

export const memoryLimit: Option<number> = {
  kind: "value",
  key: "workers.memory_limit",
  type: byteSize({ min: MIB, max: TIB, zeroMeans: "off" }),
  default: 0,
  summary:
    "Resident memory, in bytes, past which a worker is recycled once its request is done. PHP's own `memory_limit` (see `php.ini`) aborts a request instead.",
  guards: "Memory leaks faster than `max_requests` catches them.",
  replaces: "front",
};

export const frameSize: Option<number> = {
  kind: "value",
  key: "workers.frame_size",
  // SDKs send bodies of up to 256 KiB in one frame.
  type: byteSize({ min: 512 * KIB, max: GIB }),
  default: 10 * MIB,
  summary:
    "Largest message to or from a worker, in bytes: a response, or a request with its body, where that goes by value. A worker that announces a larger one is replaced and its request answered 502; a request that would be larger is answered 413. Bodies that workers read from files, as those with an SDK do past `server.body_memory`, and bodies in parts, as those with an SDK send what is too large, are not counted: the default is what workers of level 1 take, so that one of them gets bodies of a little less than 10 MiB.",
  guards: "A worker that sends garbage for a length makes the front reserve no memory for it.",
  replaces: "front",
};

export const streamCredit: Option<number> = {
  kind: "value",
  key: "workers.stream_credit",
  type: byteSize({ min: 16 * KIB, max: GIB }),
  default: 256 * KIB,
  summary:
    "Bytes of a streamed response that a worker may send before the client has taken any of them, and of a streamed request that it may be sent before it has taken any; more may follow as the other side reads. A worker that sends more is replaced and the response cut.",
  guards:
    "A slow client costs this much memory and the output buffer of its connection, however large or endless the response is.",
  replaces: "front",
};

export const streamIdleTimeout: Option<number> = {
  kind: "value",
  key: "workers.stream_idle_timeout",
  type: duration("s", { min: 10, max: DAY_MS, zeroMeans: "off" }),
  default: 0,
  summary:
    "How long a worker that streams a response may be silent although it may send, in seconds; then the response is cut and the worker replaced. `workers.timeout` ends with the head of a streamed response.",
  guards:
    "A worker that hangs in the middle of a stream. Set it above the pause between two heartbeats of your event streams.",
  replaces: "front",
};

export const streamRequest: Option<boolean> = {
  kind: "value",
  key: "workers.stream_request",
  type: boolean(),
  default: false,
  summary:
    "Whether workers get requests as soon as their heads are there, and bodies while they arrive. Otherwise, and for workers that cannot take a body in parts, a request is given to a worker when it is whole. See the guide on streaming.",
  guards:
    "Off, a slow upload never holds a worker. On, it holds one for as long as it lasts: `server.read_timeout` then bounds the time for each half of `workers.stream_credit`.",
  replaces: "front",
};

export const concurrency: Option<number> = {
  kind: "value",
  key: "workers.concurrency",
  type: integer({ min: 0, max: CONCURRENCY_MAX }),
  default: 0,
  summary:
    "Requests a worker runs at a time at most. `0` leaves it to the worker, which says how many it can run: a PHP worker runs one, workers with an event loop run many.",
  guards: "What one worker holds at a time: memory, database connections, and requests lost with it.",
  replaces: "front",
};

export const cancelGrace: Option<number> = {
  kind: "value",
  key: "workers.cancel_grace",
  type: duration("s", { min: 10, max: HOUR_MS }),
  default: 5 * SECOND_MS,
  summary:
    "How long a worker that runs several requests at a time may go on with one that has taken longer than `timeout` and was cancelled, in seconds. Then it gets no further requests, may finish the others, and is replaced.",
  guards: "Requests that cannot be stopped and keep their places for ever.",
  replaces: "front",
};

export const pingInterval: Option<number> = {
  kind: "value",
  key: "workers.ping_interval",
  type: duration("s", { min: 10, max: HOUR_MS, zeroMeans: "off" }),
  default: SECOND_MS / 2,
  summary:
    "How often a worker that runs several requests at a time is asked whether its event loop turns, in seconds, while it has requests. One that has not answered when it would be asked again is reported as blocked, and gets new requests last.",
  guards: "Code that blocks an event loop, and every request on it, without anybody noticing.",
  replaces: "front",
};

export const pingTimeout: Option<number> = {
  kind: "value",
  key: "workers.ping_timeout",
  type: duration("s", { min: 10, max: DAY_MS, zeroMeans: "off" }),
  default: 30 * SECOND_MS,
  summary:
    "How long the event loop of such a worker may stand still, in seconds; then its requests are answered 504, and it is ended and replaced.",
  guards: "A worker whose event loop hangs for good.",
  replaces: "front",
};

export const prefetch: Option<"off" | "auto" | number> = {
  kind: "value",
  key: "workers.prefetch",
  type: either(choice(["off", "auto"]), integer({ min: 1, max: 64 })),
  default: "auto",
  summary:
    "Requests written ahead to a busy worker, so that it need not wait between two: `off` writes none, `auto` a few while service times are short and steady (none where `queue_timeout` is enabled), a number exactly so many. Only requests that change nothing (GET, HEAD, OPTIONS, TRACE) are written ahead.",
  guards: "`auto` bounds what one slow request can delay behind it; a fixed number does not.",
  replaces: "front",
};

export const scheduling: Option<"batch" | "normal"> = {
  kind: "value",
  key: "workers.scheduling",
  type: choice(["batch", "normal"]),
  default: "batch",
  summary:
    "How the kernel treats workers that wake up (sched(7)): with `batch` they wait their turn, which makes requests cheaper, with `normal` they interrupt whoever runs, the front included. `normal` suits apps that compute for long on fewer processors than they have workers, or share a busy machine with other programs.",
  guards: "Processor time lost to switches between front and workers.",
  replaces: "front",
};

export const retryAfter: Option<number> = {
  kind: "value",
  key: "workers.retry_after",
  type: duration("s", { min: SECOND_MS, max: HOUR_MS }),
  default: SECOND_MS,
  summary: "What `Retry-After` says on a 503, in seconds, rounded up to whole ones.",
  guards: "Clients that come back at once and keep an overload going.",
  replaces: "front",
};

/** The `workers` section. */
export const workerSection: Section = {
  key: "workers",
  summary: "How many workers run, how they scale, how long they live, and what happens when all of them are busy.",
  options: [
    count,
    minWorkers,
    maxWorkers,
    scaleDownIdle,
    aggressiveScaleDown,
    maxRequests,
    maxRequestsJitter,
    timeout,
    start,
    startTimeout,
    stopTimeout,
    shutdownDelay,
    graceTimeout,
    memoryLimit,
    frameSize,
    streamCredit,
    streamIdleTimeout,
    streamRequest,
    concurrency,
    cancelGrace,
    pingInterval,
    pingTimeout,
    prefetch,
    scheduling,
    user,
    group,
    openFiles,
    addressSpace,
    nice,
    retryAfter,
  ],
};
