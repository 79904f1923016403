import type { HttpProtocolName, ServerConfig } from "../config/server-config.ts";
import type { Connection } from "../kernel/connection.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import { HeadDecoder } from "../protocols/http1/head-decoder.ts";
import { headerBlockBytesMax } from "../protocols/http2/limits.ts";
import { RequestSection } from "../protocols/http2/request-section.ts";
import { TrailerSection } from "../protocols/http2/trailer-section.ts";
import type { HttpConnection } from "./http-connection.ts";
import type { HttpContext } from "./http-context.ts";
import { Http1Connection } from "./http1/http1-connection.ts";
import type { Http1Context } from "./http1/http1-context.ts";
import { Http2Connection } from "./http2/http2-connection.ts";
import type { Http2Context } from "./http2/http2-context.ts";
import { encodeGreeting } from "./http2/http2-greeting.ts";
import { ProtocolSniffer } from "./protocol-sniffer.ts";

export interface HttpProtocolsOptions {
  readonly common: HttpContext;
  readonly server: Pick<ServerConfig, "limits" | "http2">;
  /** At least `h1` or `h2`. */
  readonly protocols: readonly HttpProtocolName[];
  readonly wheel: TimerWheel;
  /** Whether an extended CONNECT may ask for a WebSocket (RFC 8441): false where nobody would answer it. */
  readonly takesWebSockets: boolean;
}

/** The versions of HTTP that one listener speaks, and what the connections of each share. */
export class HttpProtocols {
  readonly #http1: Http1Context;
  readonly #http2: Http2Context;
  readonly #speaksHttp1: boolean;
  readonly #speaksHttp2: boolean;

  constructor({ common, server, protocols, wheel, takesWebSockets }: HttpProtocolsOptions) {
    this.#speaksHttp1 = protocols.includes("h1");
    this.#speaksHttp2 = protocols.includes("h2");
    this.#http1 = { ...common, decoder: new HeadDecoder(server.limits), limits: server.limits };
    this.#http2 = {
      ...common,
      http2: server.http2,
      section: new RequestSection(server.limits, takesWebSockets),
      trailers: new TrailerSection(server.limits),
      headerBlockBytesMax: headerBlockBytesMax(server.limits),
      greeting: encodeGreeting(server, takesWebSockets),
      wheel,
      nowMs: () => wheel.nowMs(),
    };
  }

  /** Makes what runs on a new connection, by what TLS has agreed on (RFC 7301) or, in the clear, by its first bytes. */
  open(connection: Connection): HttpConnection {
    if (!this.#speaksHttp2) return this.openHttp1(connection);
    if (!this.#speaksHttp1) return this.openHttp2(connection);
    if (connection.tls === null) return new ProtocolSniffer(connection, this);
    return connection.tls.protocol === "h2" ? this.openHttp2(connection) : this.openHttp1(connection);
  }

  get deadlines(): HttpContext["deadlines"] {
    return this.#http1.deadlines;
  }

  openHttp1(connection: Connection): HttpConnection {
    return new Http1Connection(connection, this.#http1);
  }

  openHttp2(connection: Connection): HttpConnection {
    return new Http2Connection(connection, this.#http2);
  }

  /** From now on responses tell clients where else they are served, unless the app does. RFC 7838 §3. */
  announceAlternative(altSvc: string): void {
    this.#http1.altSvc = this.#http2.altSvc = altSvc;
  }

  /** From now on every connection is to end with what it has been asked. */
  startDraining(): void {
    this.#http1.isDraining = this.#http2.isDraining = true;
  }
}
