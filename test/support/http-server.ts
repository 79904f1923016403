import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ServerConfig } from "../../src/config/config.ts";
import { fixedResponse } from "../../src/engine/fixed-response.ts";
import type { SpooledBody } from "../../src/http/body-spool.ts";
import type { Exchange, ExchangeHandler } from "../../src/http/exchange.ts";
import { HttpListener } from "../../src/http/http-listener.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { FakeClock } from "./fake-clock.ts";

/** A request as the app behind the listener under test got it. */
export class ReceivedRequest implements ExchangeHandler {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly fields: readonly (readonly [string, string])[];
  body = "";
  isComplete = false;
  isAbandoned = false;
  /** What `onClientEnd` returns. */
  onEnd: "answer" | "drop" = "answer";
  readonly #exchange: Exchange;
  readonly #onComplete: (request: ReceivedRequest) => void;

  constructor(exchange: Exchange, onComplete: (request: ReceivedRequest) => void) {
    const { head } = exchange;
    this.#exchange = exchange;
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

  onClientEnd(): "answer" | "drop" {
    return this.onEnd;
  }

  onAbandoned(): void {
    this.isAbandoned = true;
  }

  answer(body: string, status: number = 200, fields: Readonly<Record<string, string>> = {}): void {
    this.#exchange.respond(fixedResponse(status, fields, body));
  }

  refuse(status: number): void {
    this.#exchange.refuse(status);
  }
}

/** Small limits, so that tests reach them. */
const SERVER: ServerConfig = {
  host: "127.0.0.1",
  port: 0,
  backlog: 128,
  enableHttp2: false,
  connectionCountMax: 100,
  requestsPerConnectionMax: 0,
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
  shutdownDelayMs: 0,
  graceTimeoutMs: 1_000,
};

/** An HTTP listener without processes: requests pile up in `requests` and are answered when the test says so, or by `respond` at once. */
export class HttpServer implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly requests: ReceivedRequest[] = [];
  readonly errors: string[] = [];
  readonly listener: HttpListener;
  readonly #directory = mkdtempSync(join(tmpdir(), "vilya-http-"));
  /** Answers each request when it is complete; without it requests wait for the test. */
  respond: ((request: ReceivedRequest) => void) | null = null;

  constructor(server: Partial<ServerConfig> = {}) {
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
      server: { ...SERVER, ...server },
      bodyDirectory: server.bodyDirectory ?? this.#directory,
      dispatch: (exchange) => {
        const request = new ReceivedRequest(exchange, (complete) => this.respond?.(complete));
        this.requests.push(request);
        return request;
      },
      wheel: new TimerWheel(this.clock),
      log,
    });
  }

  get port(): number {
    return this.listener.port;
  }

  [Symbol.dispose](): void {
    this.listener.stopAccepting();
    this.listener.closeConnections();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
