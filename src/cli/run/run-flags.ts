import type { Flag } from "../parse-flags.ts";

/** One entry of the configuration: a dotted key and its value as it would be typed behind `-o`. */
type Entry = readonly [key: string, text: string];

/** A flag of `vilya run`, named as uvicorn has it where uvicorn has it. */
export interface RunFlag extends Flag {
  /** What it means to the configuration. One without entries is for the command itself, or has no effect. */
  readonly entries?: (value: string) => readonly Entry[];
  /** Taken so that a command line of uvicorn works as it is; why it has no effect. */
  readonly ignored?: string;
}

/** uvicorn's names for levels of logs, and its finer and coarser ones. */
const LOG_LEVELS: Readonly<Record<string, string>> = { critical: "error", warning: "warn", trace: "debug" };

const to =
  (key: string) =>
  (value: string): readonly Entry[] => [[key, value]];

const seconds =
  (key: string) =>
  (value: string): readonly Entry[] => [[key, /^[\d.]+$/.test(value) ? `${value}s` : value]];

/** Where it listens: these become one listener with TLS or a path where they have to. */
export const PLACE_FLAGS: readonly RunFlag[] = [
  { name: "host", value: "HOST", summary: "Address to listen on (127.0.0.1)" },
  { name: "port", value: "PORT", summary: "Port to listen on (8000)" },
  { name: "uds", value: "PATH", summary: "Unix socket to listen on instead" },
  { name: "ssl-certfile", value: "FILE", summary: "Certificate chain, PEM" },
  { name: "ssl-keyfile", value: "FILE", summary: "Private key, PEM" },
];

const NO_CHOICE = "there is one, and it is chosen by itself";

/** What becomes an entry of the configuration, and what is taken and has no effect. */
export const OPTION_FLAGS: readonly RunFlag[] = [
  { name: "workers", value: "COUNT", summary: "Worker processes (1)", entries: to("workers.count") },
  { name: "app-dir", value: "DIR", summary: "Directory of the application (.)", entries: to("cwd") },
  {
    name: "python",
    value: "PATH",
    summary: "Interpreter (that of .venv or venv, else python3)",
    entries: to("binary"),
  },
  {
    name: "interface",
    value: "KIND",
    summary: "auto, asgi3, asgi2 or wsgi",
    entries: (value) => [["python.interface", value === "asgi3" ? "asgi" : value]],
  },
  { name: "lifespan", value: "MODE", summary: "auto, on or off", entries: to("python.lifespan") },
  { name: "root-path", value: "PATH", summary: "Where the application is mounted", entries: to("python.root_path") },
  {
    name: "log-level",
    value: "LEVEL",
    summary: "error, warning, info or debug",
    entries: (value) => [["logging.level", LOG_LEVELS[value] ?? value]],
  },
  { name: "forwarded-allow-ips", value: "LIST", summary: "Proxies to trust", entries: to("server.trusted_proxies") },
  {
    name: "limit-concurrency",
    value: "COUNT",
    summary: "Requests at a time in a worker",
    entries: to("workers.concurrency"),
  },
  {
    name: "limit-max-requests",
    value: "COUNT",
    summary: "Requests until a worker is replaced",
    entries: to("workers.max_requests"),
  },
  { name: "backlog", value: "COUNT", summary: "Connections that wait for acceptance", entries: to("server.backlog") },
  {
    name: "timeout-keep-alive",
    value: "SECONDS",
    summary: "Silence that ends a connection",
    entries: seconds("server.deadlines.idle"),
  },
  {
    name: "timeout-graceful-shutdown",
    value: "SECONDS",
    summary: "For what is in flight at a stop",
    entries: seconds("server.grace_timeout"),
  },
  {
    name: "timeout-worker-healthcheck",
    value: "SECONDS",
    summary: "For the answer of a blocked loop",
    entries: seconds("workers.ping_timeout"),
  },
  {
    name: "ws-max-size",
    value: "BYTES",
    summary: "Largest message of a WebSocket",
    entries: to("server.websocket.max_message_size"),
  },
  {
    name: "ws-ping-interval",
    value: "SECONDS",
    summary: "Between pings of a WebSocket",
    entries: seconds("server.websocket.ping_interval"),
  },
  {
    name: "no-ws-per-message-deflate",
    summary: "Compress no messages of WebSockets",
    entries: () => [["server.websocket.compression", "off"]],
  },
  { name: "reload-dir", value: "DIR", summary: "No effect: --app-dir is watched", ignored: "--app-dir is watched" },
  { name: "reload-include", value: "GLOB", summary: "No effect", ignored: "sources and templates are watched" },
  {
    name: "reload-exclude",
    value: "GLOB",
    summary: "No effect",
    ignored: "folders of tools are left out by themselves",
  },
  {
    name: "loop",
    value: "NAME",
    summary: "No effect: uvloop where it is installed",
    ignored: "uvloop is used where it is installed",
  },
  { name: "http", value: "NAME", summary: "No effect", ignored: NO_CHOICE },
  { name: "ws", value: "NAME", summary: "No effect", ignored: NO_CHOICE },
  {
    name: "proxy-headers",
    summary: "No effect: see --forwarded-allow-ips",
    ignored: "--forwarded-allow-ips says whom to trust",
  },
  {
    name: "no-proxy-headers",
    summary: "No effect: nobody is trusted",
    ignored: "nobody is trusted without --forwarded-allow-ips",
  },
  { name: "use-colors", summary: "No effect", ignored: "logs have no colors" },
  { name: "no-use-colors", summary: "No effect", ignored: "logs have no colors" },
];

/** Flags of uvicorn's that have none here; its guide says what becomes of each. */
const FOREIGN_FLAGS: ReadonlySet<string> = new Set([
  "date-header",
  "fd",
  "h11-max-incomplete-event-size",
  "header",
  "limit-max-requests-jitter",
  "log-config",
  "no-date-header",
  "no-server-header",
  "reload-delay",
  "server-header",
  "ssl-ca-certs",
  "ssl-cert-reqs",
  "ssl-ciphers",
  "ssl-keyfile-password",
  "ssl-version",
  "ws-max-queue",
  "ws-per-message-deflate",
  "ws-ping-timeout",
]);

/** What to try in the place of a flag that `vilya run` does not have; null where it is none of uvicorn's either. */
export function suggestRunFlag(typed: string): string | null {
  return FOREIGN_FLAGS.has(typed) ? "try: docs/guides/uvicorn.md, which says what becomes of it" : null;
}
