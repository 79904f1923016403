import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import type { SocketAddress } from "../../kernel/socket-address.ts";

/** What a person who started the engine reads once it serves. */
export interface ServingFacts {
  readonly version: string;
  readonly config: Config;
  /** What was bound, in the order of the listeners; `config` may say port 0. */
  readonly addresses: readonly SocketAddress[];
  readonly isReady: boolean;
}

/**
 * The lines for STDOUT: address, apps, and what to try. They are the only ones there, the log is on STDERR:
 * `vilya 0.1.0 serving http://127.0.0.1:8888 (app default: 4 php workers)`.
 */
export function renderServing({ version, config, addresses, isReady }: ServingFacts): string {
  const { listeners, healthPath } = config.server;
  const urls = listeners.map(({ tls }, index) => renderUrl(addresses[index]!, tls === null ? "http" : "https"));
  const url = urls.join(", ");
  const apps = config.apps.map(describeApp).join("; ") || "no apps";
  if (!isReady) {
    return `vilya ${version} listening on ${url}, not ready (${apps}): no worker starts, the log says why; requests are answered 503 until one does\n`;
  }
  return `vilya ${version} serving ${url} (${apps})\n  try: curl -i ${argumentsFor(addresses[0]!, urls[0]!)}${healthPath ?? "/"}\n`;
}

function renderUrl(address: SocketAddress, scheme: string): string {
  return "path" in address ? `${scheme}+unix:${address.path}` : `${scheme}://${authority(address.host, address.port)}`;
}

function argumentsFor(address: SocketAddress, url: string): string {
  if ("path" in address) return `--unix-socket ${address.path} ${url.split("+", 1)[0] ?? "http"}://localhost`;
  return url.startsWith("https:") ? `--insecure ${url}` : url;
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
