import { DAY_MS, HOUR_MS, MIB, TIB } from "../types/bounds.ts";
import type { Option } from "./option.ts";
import { integer } from "../types/option-type.ts";
import { byteSize, duration } from "../types/quantity.ts";

export const shutdownDelay: Option<number | null> = {
  kind: "value",
  key: "workers.shutdown_delay",
  type: duration("s", { min: 10, max: HOUR_MS, zeroMeans: "at once" }),
  default: null,
  defaultRule: "the same as `server.shutdown_delay`",
  summary:
    "How long this app is served on once a stop has begun, in seconds. An app with a shorter time than another one then gets no further request, which is answered 503, finishes what it has within its `grace_timeout`, and its workers leave; connections are taken for as long as the app with the longest time needs.",
  guards: "One app that traffic takes long to be sent elsewhere from, and that would keep the workers of all others.",
  replaces: "front",
};

export const graceTimeout: Option<number | null> = {
  kind: "value",
  key: "workers.grace_timeout",
  type: duration("s", { min: 10, max: DAY_MS, zeroMeans: "do not wait" }),
  default: null,
  defaultRule: "the same as `server.grace_timeout`",
  summary:
    "How long requests of this app may take to finish once its workers are on their way out, in a stop and in a reload, in seconds; what is left then is cut. The connections wait as long as the app with the longest time needs.",
  guards: "One app with long downloads that would keep all others from stopping, or be cut off with them.",
  replaces: "front",
};

export const openFiles: Option<number> = {
  kind: "value",
  key: "workers.open_files",
  type: integer({ min: 0, max: 1_048_576 }),
  default: 0,
  summary:
    "Files and sockets that a worker may have open (RLIMIT_NOFILE). `0` leaves it at what the engine itself has. Above the engine's own hard limit no worker starts, unless it runs as root.",
  guards: "Code that leaks descriptors until the machine has none left.",
  replaces: "front",
};

export const addressSpace: Option<number> = {
  kind: "value",
  key: "workers.address_space",
  type: byteSize({ min: 64 * MIB, max: 16 * TIB, zeroMeans: "no limit" }),
  default: 0,
  summary:
    "Address space of a worker (RLIMIT_AS): allocating beyond it fails in the worker, which then ends. It counts what is reserved, which for Bun and Node.js is many times what is used: for them, use `memory_limit` or a control group.",
  guards: "One request that takes all memory of the machine.",
  replaces: "front",
};

export const nice: Option<number> = {
  kind: "value",
  key: "workers.nice",
  type: integer({ min: 0, max: 19 }),
  default: 0,
  summary:
    "How far workers stand back behind other processes (nice(2)): 0 not at all, 19 until nobody else wants to run.",
  guards: "Workers that compute and starve the front, or other programs of the machine.",
  replaces: "front",
};
