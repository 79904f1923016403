import { DAY_MS, GIB, HOUR_MS, KIB, MIB, SECOND_MS, TIB } from "../types/bounds.ts";
import { listeners, proxyHeaders, trustedProxies } from "./listener-options.ts";
import type { Option, Section } from "./option.ts";
import { boolean, integer, type Range, text } from "../types/option-type.ts";
import { byteSize, duration } from "../types/quantity.ts";
import { encodedSlashes } from "./route-options.ts";
import { healthPathType, hostType } from "../types/server-types.ts";

/** A deadline shorter than this cannot be met over a network, a longer one is no deadline. */
export const DEADLINE_RANGE: Range = { min: 10, max: DAY_MS };

export const host: Option<string> = {
  kind: "value",
  key: "server.host",
  type: hostType,
  default: "0.0.0.0",
  summary:
    "Address to listen on: `0.0.0.0` takes connections from everywhere, `127.0.0.1` only from this machine (behind a reverse proxy); `::` takes them over IPv6 and IPv4, where clients keep their IPv4 addresses. IPv6 addresses work with or without brackets.",
  replaces: "front",
  flag: "host",
  shortNames: ["HOST"],
};

export const port: Option<number> = {
  kind: "value",
  key: "server.port",
  type: integer({ min: 0, max: 65_535 }),
  default: 8888,
  summary: "TCP port to listen on; it must be free. `0` lets the kernel pick one, which the line on STDOUT then names.",
  replaces: "front",
  flag: "port",
  shortNames: ["PORT"],
};

export const readTimeout: Option<number> = {
  kind: "value",
  key: "server.read_timeout",
  type: duration("s", DEADLINE_RANGE),
  default: 60 * SECOND_MS,
  summary:
    "How long a client may take to send a request body, in seconds, from the end of the head; then it gets 408 and the connection is closed. Raise it for large uploads over slow networks.",
  guards:
    "Slow-body attacks: a client that dribbles a body holds a connection no longer than this. It holds a worker only where `workers.stream_request` is on; there it has this long for each half of `workers.stream_credit`.",
  replaces: "front",
};

export const writeTimeout: Option<number> = {
  kind: "value",
  key: "server.write_timeout",
  type: duration("s", DEADLINE_RANGE),
  default: 60 * SECOND_MS,
  summary:
    "How long a client may go without taking a single byte of a response that waits for it, in seconds; then the connection is closed. A slow client that keeps reading is not cut.",
  guards: "Slow-read attacks: responses nobody fetches do not pile up in memory.",
  replaces: "front",
};

export const enableHttp2: Option<boolean> = {
  kind: "value",
  key: "server.enable_http2",
  type: boolean(),
  default: true,
  summary:
    "Whether HTTP/2 is spoken on the same port to clients that ask for it. A listener's `protocols` win over it.",
  replaces: "front",
};

export const backlog: Option<number> = {
  kind: "value",
  key: "server.backlog",
  type: integer({ min: 1, max: 65_535 }),
  default: 4096,
  summary:
    "Connections the kernel completes and keeps until the front accepts them. The kernel lowers it to `net.core.somaxconn`.",
  guards: "Bursts of new connections: what does not fit waits for the client's next SYN, a second or more.",
  replaces: "front",
};

export const maxConnections: Option<number> = {
  kind: "value",
  key: "server.max_connections",
  type: integer({ min: 1, max: 1_000_000 }),
  default: 10_000,
  summary:
    "Client connections open at once. Each takes a file descriptor, so the limit on open files (`ulimit -n`) has to be higher by a few hundred.",
  guards: "Connection floods: descriptors and memory stay bounded.",
  replaces: "front",
};

export const maxRequestsPerConnection: Option<number> = {
  kind: "value",
  key: "server.max_requests_per_connection",
  type: integer({ min: 0, max: 1_000_000_000 }),
  default: 100_000,
  summary: "Requests one connection carries before its last response says `Connection: close`. `0` sets no bound.",
  guards: "Connections that live for ever: after capacity was added, load balancers spread over it in time.",
  replaces: "front",
};

export const healthPath: Option<string> = {
  kind: "value",
  key: "server.health_path",
  type: healthPathType,
  default: "/health",
  summary:
    'Path the front answers itself, without a worker, with `{"status":"ok","workers":N,"active":M}`. `off` leaves every path to the app.',
  replaces: "front",
};

export const maxBodySize: Option<number> = {
  kind: "value",
  key: "server.max_body_size",
  type: byteSize({ min: 1, max: TIB, zeroMeans: "no body at all" }),
  default: 10 * MIB,
  summary:
    "Largest request body, in bytes. A larger one is answered 413, before its content is read where its length is announced; it is never cut.",
  guards: "Uploads that fill memory or disk.",
  replaces: "front",
};

export const bodyMemory: Option<number> = {
  kind: "value",
  key: "server.body_memory",
  type: byteSize({ min: KIB, max: GIB, zeroMeans: "every body goes to a file" }),
  default: 256 * KIB,
  summary:
    "How much of one request body is held in memory, in bytes; a larger body is spooled to a file in `body_dir` before a worker is taken. Workers that can read it there, and get it from there, whatever `workers.frame_size` is.",
  guards: "A few large uploads cannot take the memory of many small requests.",
  replaces: "front",
};

export const bodyMemoryTotal: Option<number> = {
  kind: "value",
  key: "server.body_memory_total",
  type: byteSize({ min: KIB, max: TIB, zeroMeans: "every body goes to a file" }),
  default: 64 * MIB,
  summary:
    "How much all request bodies together hold in memory, in bytes; past it, bodies go to files from their first byte.",
  guards:
    "Many clients with bodies just under `body_memory`: memory stays bounded by this instead of by connections times `body_memory`.",
  replaces: "front",
};

export const bodyDirectory: Option<string | null> = {
  kind: "value",
  key: "server.body_dir",
  type: text({ allowed: "the path of a directory" }),
  default: null,
  defaultRule: "the directory for temporary files; where that is read-only, the instance's runtime directory",
  summary:
    "Where spooled bodies are written: without a name, or in a private directory for workers to read. Relative paths start at the current directory. The files are removed with their request; what a killed process left is removed at the next start.",
  replaces: "front",
};

export const shutdownDelay: Option<number> = {
  kind: "value",
  key: "server.shutdown_delay",
  type: duration("s", { min: 10, max: HOUR_MS, zeroMeans: "no delay" }),
  default: 0,
  summary:
    "How long to go on serving after SIGTERM, in seconds, while saying not to be ready, before the drain begins.",
  guards:
    "Requests lost while a load balancer still sends to an instance that has stopped: set it a little above the balancer's check interval.",
  replaces: "front",
};

export const graceTimeout: Option<number> = {
  kind: "value",
  key: "server.grace_timeout",
  type: duration("s", { min: 10, max: DAY_MS, zeroMeans: "do not wait" }),
  default: 30 * SECOND_MS,
  summary:
    "How long requests in flight may take to finish once the drain has begun, in seconds; what is left then is cut.",
  guards:
    "A stop that never ends. Keep it above `workers.timeout`, and the supervisor's own kill timeout above `shutdown_delay` plus this.",
  replaces: "front",
};

/** The `server` section. */
export const serverSection: Section = {
  key: "server",
  summary: "How the HTTP front listens, and what it grants a client.",
  options: [
    host,
    port,
    readTimeout,
    writeTimeout,
    enableHttp2,
    backlog,
    maxConnections,
    maxRequestsPerConnection,
    encodedSlashes,
    healthPath,
    maxBodySize,
    bodyMemory,
    bodyMemoryTotal,
    bodyDirectory,
    shutdownDelay,
    graceTimeout,
    listeners,
    trustedProxies,
    proxyHeaders,
  ],
};
