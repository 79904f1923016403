import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ServerConfig } from "../../src/config/server-config.ts";
import { fixedResponse } from "../../src/http/fixed-response.ts";
import type { SpooledBody } from "../../src/http/body/body-spool.ts";
import type { BodyIntake, Dispatch, Exchange, ExchangeHandler } from "../../src/http/exchange.ts";
import type { ExchangeWatch } from "../../src/http/watch/exchange-watch.ts";
import { HttpListener } from "../../src/http/http-listener.ts";
import type { RequestStream, RequestStreamReader } from "../../src/http/body/request-stream.ts";
import { openProxyPreface } from "../../src/http/proxies/proxy-preface.ts";
import { TrustedProxies } from "../../src/http/proxies/trusted-proxies.ts";
import type { ArrivalOptions } from "../../src/kernel/arrivals.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import { TlsCredentials } from "../../src/kernel/tls-credentials.ts";
import type { FieldBlock } from "../../src/protocols/http/field-block.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { testAuthority } from "./certificates.ts";
import { FakeClock } from "./fake-clock.ts";
import { Http2Client, type Http2ClientOptions } from "./http2-client.ts";
import { RawClient } from "./raw-client.ts";

/** A request as the app behind the listener under test got it. */
export class ReceivedRequest implements ExchangeHandler, RequestStreamReader {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly fields: readonly (readonly [string, string])[];
  body = "";
  isComplete = false;
  isAbandoned = false;
  readonly bodyIntake: BodyIntake;
  /** The body, of a request that is taken in parts; the test opens it. */
  stream: RequestStream | null = null;
  /** How a body in parts ended. */
  bodyEnd: "awaited" | "complete" | "aborted" = "awaited";
  /** `name: value` of each trailer. */
  trailers: readonly string[] = [];
  /** What `onClientEnd` returns. */
  onEnd: "answer" | "soon" | "drop" = "answer";
  readonly exchange: Exchange;
  readonly #onComplete: (request: ReceivedRequest) => void;

  constructor(exchange: Exchange, bodyIntake: BodyIntake, onComplete: (request: ReceivedRequest) => void) {
    const { head } = exchange;
    this.bodyIntake = bodyIntake;
    this.exchange = exchange;
    this.#onComplete = onComplete;
    this.method = head.method;
    this.target = head.target;
    this.authority = head.authority;
    const { fields } = head;
    this.fields = Array.from(
      { length: fields.count },
      (_, index) => [fields.name(index), fields.value(index)] as const,
    );
  }

  onRequest(body: SpooledBody | null): void {
    body?.read((bytes, start, end) => (this.body += Buffer.from(bytes.slice(start, end)).toString("latin1")));
    this.isComplete = true;
    this.#onComplete(this);
  }

  onRequestStream(body: RequestStream): void {
    this.stream = body;
    this.#onComplete(this);
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.body += bytes.toString("latin1", start, end);
  }

  onBodyEnd(trailers: FieldBlock | null): void {
    this.bodyEnd = "complete";
    const count = trailers?.count ?? 0;
    this.trailers = Array.from({ length: count }, (_, index) => `${trailers?.name(index)}: ${trailers?.value(index)}`);
  }

  onBodyAborted(): void {
    this.bodyEnd = "aborted";
  }

  onClientEnd(): "answer" | "soon" | "drop" {
    return this.onEnd;
  }

  onAbandoned(): void {
    this.isAbandoned = true;
  }

  answer(body: string, status: number = 200, fields: Readonly<Record<string, string>> = {}): void {
    this.exchange.respond(fixedResponse(status, fields, body));
  }

  refuse(status: number): void {
    this.exchange.refuse(status);
  }
}

/** Small limits, so that tests reach them. */
export const SMALL_SERVER: ServerConfig = {
  listeners: [
    {
      address: { host: "127.0.0.1", port: 0 },
      protocols: ["h1", "h2"],
      proxyProtocol: "off",
      redirectHttpsPort: null,
      tls: null,
    },
  ],
  trustedProxies: [],
  forwardedFields: "x-forwarded",
  arrivals: { deadlineMs: 10_000, countMax: 50 },
  backlog: 128,
  connectionCountMax: 100,
  requestsPerConnectionMax: 0,
  encodedSlashes: "refuse",
  healthPath: null,
  bodyBytesMax: 100_000,
  bodyMemoryBytesMax: 1_000,
  bodyMemoryBytesTotalMax: 10_000,
  bodyDirectory: null,
  limits: {
    requestLineBytesMax: 8192,
    headerLineBytesMax: 8192,
    headerCountMax: 100,
    headerBytesMax: 32_768,
    trailerBytesMax: 8192,
    chunkExtensionBytesMax: 4096,
  },
  deadlines: { headMs: 10_000, bodyMs: 60_000, idleMs: 75_000, writeMs: 60_000 },
  http2: {
    concurrentStreamCountMax: 100,
    streamWindowBytes: 65_535,
    connectionWindowBytes: 65_535,
    sendBufferBytes: 65_536,
    resetCountMax: 10,
    idleFrameCountMax: 100,
  },
  webSocket: {
    messageBytesMax: 100_000,
    messageMemoryBytesMax: 1_000_000,
    sendBufferBytesMax: 300_000,
    slowClient: "close",
    pingIntervalMs: 10_000,
    idleMs: 25_000,
    closeMs: 2_000,
    compression: "off",
    compressionBytesMin: 100,
    compressionWindowBits: 15,
    topicCountMax: 3,
    topicBytesMax: 32,
    allowedOrigins: ["same"],
  },
  shutdownDelayMs: 0,
  graceTimeoutMs: 1_000,
};

const ARRIVAL_LIMITS = { deadlineMs: 10_000, countMax: 50 } as const;

/** What HTTP runs on. What a server does is the same on all of them. */
export const HTTP_TRANSPORTS = ["clear", "tls"] as const;
/** `proxy` wants a PROXY protocol header from everybody. */
export type HttpTransport = (typeof HTTP_TRANSPORTS)[number] | "proxy";

function arrivalsOf(transport: HttpTransport): ArrivalOptions | undefined {
  switch (transport) {
    case "clear":
      return undefined;
    case "tls":
      return tlsArrivals();
    case "proxy":
      return { ...ARRIVAL_LIMITS, openPreface: openProxyPreface("on", new TrustedProxies(["127.0.0.1"])) };
  }
}

/** TLS with a certificate for 127.0.0.1 by the tests' authority. */
export function tlsArrivals(): ArrivalOptions {
  const certificate = { ...testAuthority().issue({ names: ["127.0.0.1"] }), serverNames: [] };
  const credentials = new TlsCredentials({
    certificates: [certificate],
    versionMin: "TLSv1.2",
    ciphers: null,
    clientAuthoritiesPem: null,
  });
  return {
    ...ARRIVAL_LIMITS,
    tls: { credentials, protocols: ["h2", "http/1.1"], clientCertificates: "off" },
  };
}

/** An HTTP listener without processes: requests pile up in `requests` and are answered when the test says so, or by `respond` at once. */
export class HttpServer implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly requests: ReceivedRequest[] = [];
  readonly errors: string[] = [];
  readonly listener: HttpListener;
  readonly #directory = mkdtempSync(join(tmpdir(), "vilya-http-"));
  /** Answers each request when it is complete; without it requests wait for the test. */
  respond: ((request: ReceivedRequest) => void) | null = null;
  /** How the next requests have their bodies taken; those in parts reach `respond` with their heads. */
  bodyIntake: BodyIntake = "whole";

  readonly #transport: HttpTransport;

  /**
   * @param wrap puts something between the listener and `requests`.
   * @param watch is told of requests that could not be read.
   */
  constructor(
    server: Partial<ServerConfig> = {},
    transport: HttpTransport = "clear",
    wrap: (app: Dispatch) => Dispatch = (app) => app,
    watch: Pick<ExchangeWatch, "onUnreadable"> | null = null,
  ) {
    this.#transport = transport;
    const log: Logger = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (event) => void this.errors.push(event),
      isEnabled: () => true,
      child: () => log,
    };
    this.listener = new HttpListener({
      address: { host: "127.0.0.1", port: 0 },
      server: { ...SMALL_SERVER, ...server },
      protocols: (server.listeners ?? SMALL_SERVER.listeners)[0]!.protocols,
      bodyDirectory: server.bodyDirectory ?? this.#directory,
      dispatch: wrap((exchange) => {
        const request = new ReceivedRequest(exchange, this.bodyIntake, (complete) => this.respond?.(complete));
        this.requests.push(request);
        return request;
      }),
      onUnreadable: (request) => watch?.onUnreadable(request),
      takesWebSockets: true,
      arrivals: arrivalsOf(transport),
      wheel: new TimerWheel(this.clock),
      log,
    });
  }

  get port(): number {
    return this.listener.port;
  }

  /** A client that speaks as this server does. */
  connect(): Promise<RawClient> {
    if (this.#transport !== "tls") return RawClient.connect(this.port);
    return RawClient.connect(this.port, { tls: { ca: testAuthority().certificatePem } });
  }

  /** A client that speaks HTTP/2 on what this server speaks it on. */
  connectHttp2(settings: Http2ClientOptions["settings"] = []): Promise<Http2Client> {
    if (this.#transport === "clear") return Http2Client.connect(this.port, { settings });
    const tls = { ca: testAuthority().certificatePem, protocols: ["h2"] };
    return Http2Client.connect(this.port, { settings, tls });
  }

  [Symbol.dispose](): void {
    this.listener.stopAccepting();
    this.listener.closeConnections();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
