import { Arrival, type ArrivalContext, type ArrivalTls, type Arrived } from "./arrival.ts";
import type { ArrivalFailure } from "./arrival-failure.ts";
import type { OpenPreface } from "./preface.ts";
import type { SocketOwner } from "./socket-owner.ts";
import type { TimerWheel } from "./timer-wheel.ts";
import { TlsCredentials, type TlsCredentialsOptions } from "./tls-credentials.ts";
import { encodeAlpn } from "./tls-socket.ts";

/** How a listener's connections arrive when there is something before their own bytes. */
export interface ArrivalOptions {
  /** How long a preface and a TLS handshake may take together. */
  readonly deadlineMs: number;
  /** Sockets on their way at once. One more, and the oldest of them gives way: a peer that stalls keeps nobody else out. */
  readonly countMax: number;
  readonly openPreface?: OpenPreface | undefined;
  readonly tls?: TlsListenOptions | undefined;
}

/** How a listener speaks TLS. */
export interface TlsListenOptions {
  readonly credentials: TlsCredentials;
  /** Spoken protocols by their ALPN names, the preferred one first. */
  readonly protocols: readonly string[];
  /** `optional` asks for one and takes none, `required` takes nobody without; one that does not verify is refused by both. */
  readonly clientCertificates: "off" | "optional" | "required";
  /** What to answer to HTTP in the clear, before the close; complete with its own end of message. */
  readonly clearTextAnswer?: Buffer | undefined;
}

/** Who gets what comes of the arrivals. */
export interface ArrivalReceiver {
  onArrived(arrived: Arrived): void;
  onArrivalFailed(failure: ArrivalFailure, error: Error | null): void;
}

/** The sockets of one listener that are on their way to being connections. Invariant: there are never more than `countMax`. */
export class Arrivals implements ArrivalContext {
  readonly wheel: TimerWheel;
  readonly deadlineMs: number;
  tls: ArrivalTls | null;
  readonly #options: ArrivalOptions;
  readonly #receiver: ArrivalReceiver;
  /** Oldest first. */
  readonly #arrivals = new Set<Arrival>();

  constructor(options: ArrivalOptions, wheel: TimerWheel, receiver: ArrivalReceiver) {
    const { deadlineMs, tls } = options;
    this.wheel = wheel;
    this.deadlineMs = deadlineMs;
    this.#options = options;
    this.#receiver = receiver;
    this.tls = tls === undefined ? null : toArrivalTls(tls);
  }

  get count(): number {
    return this.#arrivals.size;
  }

  /** @param remoteAddress of the socket. */
  add(raw: Bun.Socket<SocketOwner | null>, remoteAddress: string): void {
    const { openPreface, countMax } = this.#options;
    const preface = openPreface === undefined ? "none" : openPreface(remoteAddress);
    if (preface === "refuse") {
      raw.terminate();
      this.#receiver.onArrivalFailed("refused", null);
      return;
    }
    if (this.#arrivals.size >= countMax) {
      const [oldest] = this.#arrivals;
      oldest?.fail("limit");
    }
    const arrival = new Arrival({
      socket: raw,
      remoteAddress,
      preface: preface === "none" ? null : preface,
      context: this,
    });
    this.#arrivals.add(arrival);
    arrival.start();
  }

  /**
   * Shows these from now on; what stands or is in the middle of its handshake is not touched.
   *
   * @throws {TlsCredentialsError} and goes on with what it had.
   */
  replaceCredentials(options: TlsCredentialsOptions): void {
    const { tls } = this;
    if (tls !== null) this.tls = { ...tls, credentials: new TlsCredentials(options, tls.credentials) };
  }

  /** Closes all of them; returns how many there were. */
  close(): number {
    const arrivals = [...this.#arrivals];
    for (const arrival of arrivals) arrival.fail("limit");
    return arrivals.length;
  }

  onArrived(arrival: Arrival, arrived: Arrived): void {
    this.#arrivals.delete(arrival);
    this.#receiver.onArrived(arrived);
  }

  onArrivalFailed(arrival: Arrival, failure: ArrivalFailure, error: Error | null): void {
    this.#arrivals.delete(arrival);
    this.#receiver.onArrivalFailed(failure, error);
  }
}

function toArrivalTls({ credentials, protocols, clientCertificates, clearTextAnswer }: TlsListenOptions): ArrivalTls {
  return { credentials, alpn: encodeAlpn(protocols), clientCertificates, clearTextAnswer: clearTextAnswer ?? null };
}
