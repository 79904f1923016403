import { assert } from "../../base/assert.ts";
import type { ListenerConfig, ServerConfig } from "../../config/server-config.ts";
import type { Dispatch } from "../../http/exchange.ts";
import type { ExchangeWatch } from "../../http/watch/exchange-watch.ts";
import { resolveForwarded } from "../../http/proxies/forwarded-dispatch.ts";
import type { UnreadableRequest } from "../../http/http-context.ts";
import { HttpListener } from "../../http/http-listener.ts";
import { Http3Listener, type Http3ListenerOptions } from "../../http/http3/http3-listener.ts";
import { openProxyPreface } from "../../http/proxies/proxy-preface.ts";
import { TrustedProxies } from "../../http/proxies/trusted-proxies.ts";
import type { ArrivalOptions, TlsListenOptions } from "../../kernel/arrivals.ts";
import type { ConnectionAllowance } from "../../kernel/connection-allowance.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import { TlsCredentials } from "../../kernel/tls-credentials.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { createDispatch } from "../dispatch/dispatch.ts";
import type { Health } from "../dispatch/health-handler.ts";
import { redirectToHttps } from "./https-redirect.ts";
import { ListenerPair, type ServingListener } from "./listener-pair.ts";
import type { ListenerCredentials } from "./tls-files.ts";

/** For who typed `http://` where TLS is spoken. */
const CLEAR_TEXT_BODY = "This port speaks HTTPS, and the request came in the clear.\n";
const CLEAR_TEXT_ANSWER = Buffer.from(
  `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${CLEAR_TEXT_BODY.length}\r\nConnection: close\r\n\r\n${CLEAR_TEXT_BODY}`,
);

/** How long a client may remember that HTTP/3 is served: a day, as is usual. RFC 7838 §3.1. */
const ALT_SVC_MAX_AGE_S = 86_400;

/** How TLS names what TCP carries, the one that we would rather speak first. RFC 7301 §6. */
const ALPN_ORDER = [
  ["h2", "h2"],
  ["h1", "http/1.1"],
] as const;

/** What one listener of a front is made of. */
export interface HttpListenerParts {
  readonly listener: ListenerConfig;
  /** Inherited, bound to the listener's address. */
  readonly fd: number;
  readonly credentials: ListenerCredentials;
  /** True when another front serves the same address still. */
  readonly isSuccessor: boolean;
  /** False where another front has the UDP port: this one says only that it is there. */
  readonly servesHttp3: boolean;
  readonly server: ServerConfig;
  readonly bodyDirectory: string;
  readonly bodyFileDirectory: string | null;
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

/** Builds a listener as its configuration says: TLS, PROXY protocol, who is believed, who is sent on to `https`, and HTTP/3 beside it. */
export function createHttpListener(parts: HttpListenerParts): ServingListener {
  const { listener, fd, server, bodyDirectory, bodyFileDirectory, health, watch, wheel, log } = parts;
  const trusted = new TrustedProxies(server.trustedProxies);
  const { redirectHttpsPort } = listener;
  const app = redirectHttpsPort === null ? parts.app : redirectToHttps(parts.app, redirectHttpsPort);
  const dispatch = createDispatch({ healthPath: server.healthPath, health, app });
  const common = {
    server,
    bodyDirectory,
    bodyFileDirectory,
    dispatch: resolveForwarded(watch.over(dispatch), server.forwardedFields, trusted),
    onUnreadable: (request: UnreadableRequest) => watch.onUnreadable(request),
    wheel,
    log,
  };
  const { protocols } = listener;
  const { allowance } = parts;
  const overTcp = new HttpListener({
    ...common,
    address: { fd },
    socketPath: "path" in listener.address ? listener.address.path : null,
    protocols,
    allowance,
    takesWebSockets: parts.takesWebSockets,
    arrivals: arrivalsOf(parts, trusted),
  });
  if (!protocols.includes("h3")) return overTcp;
  overTcp.announceAlternative(`h3=":${overTcp.port}"; ma=${ALT_SVC_MAX_AGE_S}`);
  if (!parts.servesHttp3) return overTcp;
  return withHttp3(parts, common, overTcp);
}

/** Serves HTTP/3 on the UDP port of the same number. */
function withHttp3(
  { listener: { address }, credentials, isSuccessor }: HttpListenerParts,
  common: Omit<Http3ListenerOptions, "address" | "credentials">,
  overTcp: HttpListener,
): ServingListener {
  assert("port" in address && credentials !== null, "HTTP/3 is spoken over TLS on a port");
  const { port } = overTcp;
  const overUdp = new Http3Listener({ ...common, address: { host: address.host, port }, credentials, isSuccessor });
  return new ListenerPair(overTcp, overUdp);
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

function tlsOf({ listener, credentials }: HttpListenerParts): TlsListenOptions | undefined {
  const { tls, protocols } = listener;
  if (tls === null) return undefined;
  assert(credentials !== null, "a listener that speaks TLS has its certificates");
  return {
    credentials: new TlsCredentials(credentials),
    protocols: ALPN_ORDER.flatMap(([name, identifier]) => (protocols.includes(name) ? [identifier] : [])),
    clientCertificates: tls.clientCertificates,
    clearTextAnswer: CLEAR_TEXT_ANSWER,
  };
}
