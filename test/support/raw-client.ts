import { encodeAlpn } from "../../src/kernel/tls-socket.ts";
import type { IssuedCertificate } from "./certificates.ts";
import { PATIENCE_MS } from "./until.ts";

/** How a client speaks TLS. */
export interface RawClientTls {
  /** Whom it trusts, PEM. */
  readonly ca: string;
  /** SNI; an IP address sends none. Default: `127.0.0.1`. */
  readonly serverName?: string;
  /** Offered by ALPN. */
  readonly protocols?: readonly string[];
  readonly certificate?: IssuedCertificate;
  /** False takes any certificate. Default: true. */
  readonly isStrict?: boolean;
}

/** Where a client connects to, and how. */
export interface RawClientOptions {
  readonly host?: string;
  readonly tls?: RawClientTls;
  /** Sent in the clear before anything else, TLS included: a PROXY protocol header. */
  readonly preface?: Uint8Array;
}

/**
 * A TCP client that sends the bytes it is told and keeps those it gets, as Latin-1 text: for what no well-behaved HTTP client would do.
 * It never closes by itself; dispose of it.
 */
export class RawClient implements Disposable {
  #socket!: Bun.Socket<undefined>;
  #waiting: (() => void)[] = [];
  /** Everything received. */
  received = "";
  /** True once the server has closed its sending side, or all. */
  isEnded = false;

  /** The common name in the certificate that the server has shown. */
  serverCommonName: string | null = null;
  /** What ALPN has chosen. */
  protocol: string | null = null;

  /** @throws when TLS is asked for and the handshake fails. */
  static async connect(port: number, { host = "127.0.0.1", tls, preface }: RawClientOptions = {}): Promise<RawClient> {
    const client = new RawClient();
    const handlers: Bun.SocketHandler<undefined, "buffer"> = {
      binaryType: "buffer",
      data: (_, chunk) => client.#note(() => (client.received += chunk.toString("latin1"))),
      end: () => client.#note(() => (client.isEnded = true)),
      close: () => client.#note(() => (client.isEnded = true)),
      error: () => client.#note(() => (client.isEnded = true)),
    };
    const socket = tls === undefined ? handlers : { close: () => {}, drain: () => {} };
    const clear = await Bun.connect<undefined>({ hostname: host, port, allowHalfOpen: true, socket });
    if (preface !== undefined) clear.write(preface);
    client.#socket = tls === undefined ? clear : await client.#secure(clear, tls, handlers);
    return client;
  }

  #secure(
    clear: Bun.Socket<undefined>,
    tls: RawClientTls,
    handlers: Bun.SocketHandler<undefined, "buffer">,
  ): Promise<Bun.Socket<undefined>> {
    const { ca, serverName = "127.0.0.1", protocols = [], certificate, isStrict = true } = tls;
    const { promise, resolve, reject } = Promise.withResolvers<Bun.Socket<undefined>>();
    const refuse = (reason: string) => reject(new Error(`Cannot speak TLS: ${reason}`));
    clear.upgradeTLS<undefined>({
      tls: {
        ca,
        serverName,
        rejectUnauthorized: isStrict,
        ...(protocols.length > 0 && { ALPNProtocols: encodeAlpn(protocols) as unknown as string }),
        ...(certificate !== undefined && { cert: certificate.certificatePem, key: certificate.keyPem }),
      },
      socket: {
        ...handlers,
        handshake: (socket, isComplete, error) => {
          const isOtherName = error !== null && "code" in error && error.code === "ERR_TLS_CERT_ALTNAME_INVALID";
          if (isStrict ? !isComplete || error !== null : !isComplete && !isOtherName) {
            refuse(error?.message ?? "the handshake failed");
            socket.terminate();
            return;
          }
          this.protocol = socket.alpnProtocol || null;
          this.serverCommonName = socket.getPeerCertificate().subject.CN?.toString() ?? null;
          resolve(socket);
        },
        close: () => {
          refuse("the server has closed the connection");
          this.#note(() => (this.isEnded = true));
        },
      },
    });
    return promise;
  }

  /** Sends Latin-1 text or bytes. @throws when the socket does not take them at once. */
  send(bytes: string | Uint8Array): void {
    const buffer = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    const taken = this.#socket.write(buffer);
    if (taken !== buffer.length) throw new Error(`Cannot send ${buffer.length} bytes: the socket took ${taken}`);
  }

  /** As `send`, as far as the socket takes it; returns how many bytes that was. */
  sendSome(bytes: Uint8Array): number {
    return Math.max(0, this.#socket.write(bytes));
  }

  /** Closes the sending side only. */
  shutDown(): void {
    this.#socket.shutdown();
  }

  /** Closes with a reset. */
  reset(): void {
    this.#socket.terminate();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Waits until `condition` holds; it is looked at after everything that arrives. @throws when it does not within the tests' patience. */
  async until(what: string, condition: (client: this) => boolean): Promise<void> {
    const endsMs = performance.now() + PATIENCE_MS;
    while (!condition(this)) {
      if (performance.now() > endsMs)
        throw new Error(`Cannot go on: ${what} did not happen; received ${JSON.stringify(this.received)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#waiting.push(resolve);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Waits for the server's close and returns everything received. */
  async untilEnd(): Promise<string> {
    await this.until("the server's close", () => this.isEnded);
    return this.received;
  }

  /** Waits until `text` has been received. */
  async untilReceived(text: string): Promise<string> {
    await this.until(`receiving ${JSON.stringify(text)}`, () => this.received.includes(text));
    return this.received;
  }

  [Symbol.dispose](): void {
    this.#socket.end();
  }

  #note(change: () => void): void {
    change();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
