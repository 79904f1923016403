import type { AppConfig, Config } from "../config/config.ts";

/** What a person who started the engine reads once it serves. */
export interface ServingFacts {
  readonly version: string;
  readonly config: Config;
  /** The port that was bound; `config` may say 0. */
  readonly port: number;
  readonly isReady: boolean;
}

/**
 * The lines for STDOUT: address, apps, and what to try. They are the only ones there, the log is on STDERR:
 * `vilya 0.1.0 serving http://127.0.0.1:8888 (app default: 4 php workers)`.
 */
export function renderServing({ version, config, port, isReady }: ServingFacts): string {
  const url = `http://${authority(config.server.host, port)}`;
  const apps = config.apps.map(describeApp).join("; ");
  if (!isReady) {
    return `vilya ${version} listening on ${url}, not ready (${apps}): no worker starts, the log says why; requests are answered 503 until one does\n`;
  }
  const { healthPath } = config.server;
  return `vilya ${version} serving ${url} (${apps})\n  try: curl -i ${url}${healthPath ?? "/"}\n`;
}

function describeApp({ name, runtime, pool }: AppConfig): string {
  if (runtime === "stub") return `app ${name}: answered by the front itself`;
  const { workerCount, workerCountMax } = pool;
  const upTo = workerCountMax > workerCount ? `, up to ${workerCountMax}` : "";
  return `app ${name}: ${workerCount} ${runtime} ${workerCount === 1 ? "worker" : "workers"}${upTo}`;
}

/** An address to type: "every interface" is reached through the loopback, and IPv6 addresses stand in brackets. */
function authority(host: string, port: number): string {
  if (host === "0.0.0.0") return `127.0.0.1:${port}`;
  if (host === "::") return `[::1]:${port}`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
