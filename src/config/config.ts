import type { AppConfig } from "./app-config.ts";
import type { LoggingConfig } from "./logging-config.ts";
import type { RouteConfig } from "./route-config.ts";
import type { ServerConfig } from "./server-config.ts";

/**
 * The effective configuration: frozen, every unit resolved (milliseconds, bytes), every default filled in, every path absolute.
 * It holds only JSON values, so the master hands it to the other processes as text. Options are described in `docs/reference/config.md`.
 */
export interface Config {
  /** The file it was read from, absolute; null when everything came from defaults, environment and flags. */
  readonly file: string | null;
  /** Tells instances on one machine apart: in socket paths, process titles and logs. `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most 32 characters. */
  readonly name: string;
  /** Parent of this instance's sockets, absolute; null lets the engine choose. */
  readonly runtimeDirectory: string | null;
  /** Processes that serve the listeners side by side, at least 1. */
  readonly frontCount: number;
  readonly server: ServerConfig;
  /** The short form (`workers`, `php`, `runtime` at the top level) yields one app named `default`, unless routes lead elsewhere only. */
  readonly apps: readonly AppConfig[];
  /** In the order of the file. Empty for the short form: every request is for the only app. */
  readonly routes: readonly RouteConfig[];
  readonly logging: LoggingConfig;
  /** The admin listener; null for none. */
  readonly admin: AdminConfig | null;
  /** Whether pages load again by themselves and show errors with their sources. `vilya dev` alone sets it: no file and no flag does. */
  readonly isDevelopment: boolean;
  /** Null sends no traces. */
  readonly tracing: TracingConfig | null;
}

/** Where the master answers operators and scrapers. */
export interface AdminConfig {
  readonly host: string;
  /** 0 lets the kernel pick one. */
  readonly port: number;
  /** True when it is not the default address: then it has to be free. A default that is taken is no reason not to start. */
  readonly isAddressGiven: boolean;
  /** Absolute; null asks for no token. Read by the master. */
  readonly tokenFile: string | null;
}

/** Where spans of requests are sent. */
export interface TracingConfig {
  /** Of an OTLP collector; without a path it is that of traces. */
  readonly endpoint: string;
  /** Of requests that bring no decision: from 0 to 1. */
  readonly sampleShare: number;
  /** Whether the `traceparent` of requests is believed. */
  readonly isFollowed: boolean;
  /** For the collector; may be credentials. */
  readonly headers: Readonly<Record<string, string>>;
}
