import type { ArrivalFailure } from "../../src/kernel/arrival-failure.ts";
import type { ArrivalOptions, TlsListenOptions } from "../../src/kernel/arrivals.ts";
import type { Connection } from "../../src/kernel/connection.ts";
import { Listener } from "../../src/kernel/listener.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import { TlsCredentials, type TlsCredentialsOptions } from "../../src/kernel/tls-credentials.ts";
import { type CertificateRequest, testAuthority } from "./certificates.ts";
import { FakeClock } from "./fake-clock.ts";
import { RawClient, type RawClientTls } from "./raw-client.ts";
import { RecordingHandler } from "./recording-handler.ts";

/** What a test's TLS listener differs in from one that has a certificate for `a.test`. */
export interface TlsServerOptions {
  readonly credentials?: TlsCredentials;
  readonly tls?: Partial<TlsListenOptions>;
  readonly arrivals?: Partial<ArrivalOptions>;
  readonly connectionCountMax?: number;
}

/** What credentials by the tests' authority are made of, one certificate for each request. */
export function issueOptions(
  requests: readonly CertificateRequest[],
  options: Partial<TlsCredentialsOptions> = {},
): TlsCredentialsOptions {
  const certificates = requests.map((request) => ({ ...testAuthority().issue(request), serverNames: [] }));
  return { certificates, versionMin: "TLSv1.2", ciphers: null, clientAuthoritiesPem: null, ...options };
}

/** Credentials by the tests' authority, one certificate for each request. */
export function issueCredentials(
  requests: readonly CertificateRequest[],
  options: Partial<TlsCredentialsOptions> = {},
): TlsCredentials {
  return new TlsCredentials(issueOptions(requests, options));
}

/** A listener that speaks TLS, on a clock that stands still, with what became of everybody who came. */
export class TlsServer implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly connections: Connection[] = [];
  readonly handlers: RecordingHandler[] = [];
  readonly failures: ArrivalFailure[] = [];
  readonly listener: Listener;

  constructor({ credentials, tls, arrivals, connectionCountMax = 100 }: TlsServerOptions = {}) {
    this.listener = new Listener({
      address: { host: "127.0.0.1", port: 0 },
      connectionCountMax,
      wheel: new TimerWheel(this.clock),
      monitor: (event) => {
        if (event.kind === "arrival-failed") this.failures.push(event.failure);
      },
      stallMs: 0,
      accept: (connection) => {
        this.connections.push(connection);
        const handler = new RecordingHandler(connection, { onEnd: (each) => each.close("peer") });
        this.handlers.push(handler);
        return handler;
      },
      arrivals: {
        deadlineMs: 10_000,
        countMax: 50,
        tls: {
          credentials: credentials ?? issueCredentials([{ names: ["a.test"] }]),
          protocols: ["http/1.1"],
          clientCertificates: "off",
          ...tls,
        },
        ...arrivals,
      },
    });
  }

  get port(): number {
    return this.listener.port;
  }

  connect(tls: Partial<RawClientTls> = {}): Promise<RawClient> {
    const ca = testAuthority().certificatePem;
    return RawClient.connect(this.port, { tls: { ca, serverName: "a.test", ...tls } });
  }

  [Symbol.dispose](): void {
    this.listener.stop();
    for (const connection of this.listener.connections) connection.close();
    this.listener.closeArrivals();
  }
}
