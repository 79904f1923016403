import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ServerConfig } from "../../src/config/server-config.ts";
import type { BodyIntake } from "../../src/http/exchange.ts";
import { Http3Listener, type Http3ListenerOptions } from "../../src/http/http3/http3-listener.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import type { TlsCredentialsOptions } from "../../src/kernel/tls-credentials.ts";
import { FakeClock } from "./fake-clock.ts";
import { ReceivedRequest, SMALL_SERVER } from "./http-server.ts";
import { RecordingLog } from "./recording-log.ts";
import { issueOptions } from "./tls-server.ts";

/** What the runtime's `fetch` takes for HTTP/3. It verifies no certificate by an authority of ours, so it is told to verify none. */
const CLIENT = { protocol: "http3", tls: { rejectUnauthorized: false } } as const;

/** Asks a server on this machine over HTTP/3. */
export function fetchHttp3(port: number, target: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`https://127.0.0.1:${port}${target}`, { ...init, ...CLIENT });
}

/** An HTTP/3 listener without processes, as `HttpServer` is one for the other versions. */
export class Http3Server implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly log: RecordingLog = new RecordingLog();
  readonly requests: ReceivedRequest[] = [];
  readonly listener: Http3Listener;
  /** What the listener was made of. */
  readonly options: Http3ListenerOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), "vilya-http3-"));
  /** How requests that are yet to come take their bodies. */
  bodyIntake: BodyIntake = "whole";
  /** Answers each request when it is complete; without it requests wait for the test. */
  respond: ((request: ReceivedRequest) => void) | null = null;

  constructor(server: Partial<ServerConfig> = {}, credentials?: TlsCredentialsOptions) {
    this.options = {
      address: { host: "127.0.0.1", port: 0 },
      credentials: credentials ?? issueOptions([{ names: ["127.0.0.1"] }]),
      server: { ...SMALL_SERVER, ...server },
      bodyDirectory: server.bodyDirectory ?? this.#directory,
      dispatch: (exchange) => {
        const request = new ReceivedRequest(exchange, this.bodyIntake, (complete) => this.respond?.(complete));
        this.requests.push(request);
        return request;
      },
      wheel: new TimerWheel(this.clock),
      log: this.log,
    };
    this.listener = new Http3Listener(this.options);
  }

  fetch(target: string, init: RequestInit = {}): Promise<Response> {
    return fetchHttp3(this.listener.port, target, init);
  }

  [Symbol.dispose](): void {
    this.listener.stopAccepting();
    this.listener.closeConnections();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
