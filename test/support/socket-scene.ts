import { join } from "node:path";

import { testAuthority } from "./certificates.ts";
import { phpApp } from "./php-app.ts";
import { RawClient, type RawClientTls } from "./raw-client.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "./vilya.ts";
import { WebSocketClient } from "./websocket-client.ts";

const SCRIPT = join(import.meta.dir, "workers/websocket.php");

const TWO_WORKERS = { count: 2 };

/** The clients of tests answer no pings, and count what they get. */
const QUIET = { ping_interval: 0, idle_timeout: 0 };

/** Where a socket goes, and what its opening handshake says. */
export interface SocketTarget {
  readonly target?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Of the server's listeners. Default: the first. */
  readonly url?: string;
}

/** A server whose PHP workers do what WebSockets say (`workers/websocket.php`): in the clear on its first URL, with TLS on its second. */
export function startSocketServer(
  workers: Readonly<Record<string, unknown>> = TWO_WORKERS,
  options: VilyaOptions = {},
): Promise<VilyaServer> {
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"], commonName: "sockets" });
  const listener = { host: "127.0.0.1", port: 0 };
  const tls = { certificates: [{ cert: "a.crt", key: "a.key" }] };
  const config = phpApp({
    server: { listeners: [listener, { ...listener, tls }], max_connections: 15_000, websocket: QUIET },
    php: { worker_script: SCRIPT, env: { EVENTS_FILE: "events" } },
    workers,
    ...options.config,
  });
  return startVilya({ ...options, config, files: { "a.crt": certificatePem, "a.key": keyPem } });
}

/** Opens a WebSocket by HTTP/1.1. @throws when it is refused. */
export async function openSocket(
  server: VilyaServer,
  { target = "/", fields = {}, url = server.url }: SocketTarget = {},
): Promise<WebSocketClient> {
  return WebSocketClient.open(await connectTo(url), fields, target);
}

/** A connection to one of the server's URLs. */
export function connectTo(url: string, protocols: readonly string[] = ["http/1.1"]): Promise<RawClient> {
  const { port, protocol } = new URL(url);
  const tls: RawClientTls = { ca: testAuthority().certificatePem, protocols };
  return RawClient.connect(Number(port), protocol === "https:" ? { tls } : {});
}
