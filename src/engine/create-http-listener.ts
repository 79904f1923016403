import { assert } from "../base/assert.ts";
import type { ListenerConfig, ServerConfig } from "../config/config.ts";
import type { Dispatch } from "../http/exchange.ts";
import type { ExchangeWatch } from "../http/exchange-watch.ts";
import { resolveForwarded } from "../http/forwarded-dispatch.ts";
import { HttpListener } from "../http/http-listener.ts";
import { openProxyPreface } from "../http/proxy-preface.ts";
import { TrustedProxies } from "../http/trusted-proxies.ts";
import type { ArrivalOptions, TlsListenOptions } from "../kernel/arrivals.ts";
import type { ConnectionAllowance } from "../kernel/connection-allowance.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import { TlsCredentials } from "../kernel/tls-credentials.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createDispatch } from "./dispatch.ts";
import type { Health } from "./health-handler.ts";
import { redirectToHttps } from "./https-redirect.ts";
import type { ListenerCredentials } from "./tls-files.ts";

/** For who typed `http://` where TLS is spoken. */
const CLEAR_TEXT_BODY = "This port speaks HTTPS, and the request came in the clear.\n";
const CLEAR_TEXT_ANSWER = Buffer.from(
  `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${CLEAR_TEXT_BODY.length}\r\nConnection: close\r\n\r\n${CLEAR_TEXT_BODY}`,
);

/** What one listener of a front is made of. */
export interface HttpListenerParts {
  readonly listener: ListenerConfig;
  /** Inherited, bound to the listener's address. */
  readonly fd: number;
  readonly credentials: ListenerCredentials;
  readonly server: ServerConfig;
  readonly bodyDirectory: string;
  /** What all listeners of the front have of connections together. */
  readonly allowance: ConnectionAllowance;
  readonly health: () => Health;
  readonly app: Dispatch;
  readonly watch: ExchangeWatch;
  /** Whether `app` answers who asks for a WebSocket by an extended CONNECT. */
  readonly takesWebSockets: boolean;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/** Builds a listener as its configuration says: TLS, PROXY protocol, who is believed, and who is sent on to `https`. */
export function createHttpListener(parts: HttpListenerParts): HttpListener {
  const { listener, fd, server, bodyDirectory, health, watch, wheel, log } = parts;
  const trusted = new TrustedProxies(server.trustedProxies);
  const { redirectHttpsPort } = listener;
  const app = redirectHttpsPort === null ? parts.app : redirectToHttps(parts.app, redirectHttpsPort);
  const dispatch = createDispatch({ healthPath: server.healthPath, health, app });
  return new HttpListener({
    address: { fd },
    server,
    bodyDirectory,
    allowance: parts.allowance,
    dispatch: resolveForwarded(watch.over(dispatch), server.forwardedFields, trusted),
    onUnreadable: (request) => watch.onUnreadable(request),
    takesWebSockets: parts.takesWebSockets,
    arrivals: arrivalsOf(parts, trusted),
    wheel,
    log,
  });
}

/** `undefined` for a listener whose connections begin with HTTP. */
function arrivalsOf(parts: HttpListenerParts, trusted: TrustedProxies): ArrivalOptions | undefined {
  const { listener, server } = parts;
  const { proxyProtocol } = listener;
  if (proxyProtocol === "off" && listener.tls === null) return undefined;
  return {
    ...server.arrivals,
    openPreface: proxyProtocol === "off" ? undefined : openProxyPreface(proxyProtocol, trusted),
    tls: tlsOf(parts),
  };
}

function tlsOf({ listener, credentials, server }: HttpListenerParts): TlsListenOptions | undefined {
  const { tls } = listener;
  const { enableHttp2 } = server;
  if (tls === null) return undefined;
  assert(credentials !== null, "a listener that speaks TLS has its certificates");
  return {
    credentials: new TlsCredentials(credentials),
    protocols: enableHttp2 ? ["h2", "http/1.1"] : ["http/1.1"],
    clientCertificates: tls.clientCertificates,
    clearTextAnswer: CLEAR_TEXT_ANSWER,
  };
}
