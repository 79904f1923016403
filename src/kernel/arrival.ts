import { writeSync } from "node:fs";

import { type ArrivalFailure, handshakeFailureOf } from "./arrival-failure.ts";
import type { Preface, PrefaceReader } from "./preface.ts";
import type { SocketOwner } from "./socket-owner.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "./timer-wheel.ts";
import type { TlsCredentials } from "./tls-credentials.ts";
import { readTlsFacts, type TlsFacts } from "./tls-facts.ts";
import { type TlsSocketHandler, upgradeToTls } from "./tls-socket.ts";
import { TlsTransport } from "./tls-transport.ts";
import type { Transport } from "./transport.ts";

type Socket = Bun.Socket<SocketOwner | null>;

/** What comes of an arrival. */
export interface Arrived {
  readonly socket: Socket;
  readonly transport: Transport;
  readonly tls: TlsFacts | null;
  /** As the preface says, else the socket's. */
  readonly remoteAddress: string;
  /** The connection's first bytes, when they came with the preface. */
  readonly received: Buffer | null;
}

/** What all arrivals of a listener share. */
export interface ArrivalContext {
  readonly wheel: TimerWheel;
  /** For preface and handshake together. */
  readonly deadlineMs: number;
  readonly tls: ArrivalTls | null;
  onArrived(arrival: Arrival, arrived: Arrived): void;
  onArrivalFailed(arrival: Arrival, failure: ArrivalFailure, error: Error | null): void;
}

/** How TLS is spoken. */
export interface ArrivalTls {
  readonly credentials: TlsCredentials;
  /** Protocols for ALPN, as on the wire. */
  readonly alpn: Buffer;
  readonly clientCertificates: "off" | "optional" | "required";
  /** Sent in the clear to who speaks HTTP in the clear. */
  readonly clearTextAnswer: Buffer | null;
}

/** What has been accepted. */
export interface AcceptedSocket {
  readonly socket: Socket;
  /** Of the socket. */
  readonly remoteAddress: string;
  /** `null` where none is to be read. */
  readonly preface: PrefaceReader | null;
  readonly context: ArrivalContext;
}

/**
 * An accepted socket that is no connection yet: its preface is still to be read, or its TLS handshake to be completed.
 *
 * Invariant: it ends in exactly one `onArrived` or `onArrivalFailed`, at the latest at its deadline, and nothing of the connection's own has
 * been read before.
 */
export class Arrival implements SocketOwner, DeadlineOwner {
  readonly #context: ArrivalContext;
  readonly #deadline = new Deadline(this);
  #socket: Socket;
  #preface: PrefaceReader | null;
  #remoteAddress: string;
  #received: Buffer | null = null;
  #isOver = false;

  constructor({ socket, remoteAddress, preface, context }: AcceptedSocket) {
    this.#socket = socket;
    this.#remoteAddress = remoteAddress;
    this.#preface = preface;
    this.#context = context;
  }

  start(): void {
    this.#context.wheel.set(this.#deadline, this.#context.deadlineMs);
    this.#socket.data = this;
    if (this.#preface === null) this.#secure();
  }

  /** Closes it with a reset; who waits for a handshake has nothing to lose. */
  fail(failure: ArrivalFailure, error: Error | null = null): void {
    if (this.#isOver) return;
    this.#finish();
    this.#socket.terminate();
    this.#context.onArrivalFailed(this, failure, error);
  }

  receive(chunk: Buffer): void {
    if (this.#isOver || this.#preface === null) return;
    const received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    let preface: Preface | null;
    try {
      preface = this.#preface.read(received);
    } catch (error) {
      this.fail("preface", error as Error);
      return;
    }
    this.#received = received;
    if (preface === null) return;
    this.#preface = null;
    this.#remoteAddress = preface.remoteAddress ?? this.#remoteAddress;
    this.#received = received.length > preface.byteLength ? received.subarray(preface.byteLength) : null;
    this.#secure();
  }

  end(): void {
    this.fail("peer");
  }

  socketClosed(): void {
    this.fail("peer");
  }

  poison(error: Error): void {
    this.fail("handshake", error);
  }

  drain(): void {
    // Only the TLS library has written, and it knows.
  }

  onDeadline(): void {
    this.fail("deadline");
  }

  #secure(): void {
    const { tls } = this.#context;
    if (tls === null) {
      this.#arrive(this.#socket, null);
      return;
    }
    try {
      this.#upgrade(tls);
    } catch (error) {
      this.fail("handshake", error as Error); // A socket that was closed meanwhile cannot be upgraded.
    }
  }

  #upgrade(tls: ArrivalTls): void {
    const raw = this.#socket;
    raw.data = null; // What it still reports is encrypted.
    const socket = upgradeToTls<SocketOwner | null>(raw, {
      ...tls,
      owner: this,
      context: tls.credentials.defaultContext,
      handlers: TLS_HANDLERS,
      received: this.#received,
    });
    this.#received = null;
    if (this.#isOver) socket.terminate();
    else this.#socket = socket;
  }

  /** Only of a listener with TLS. */
  contextFor(serverName: string): object | undefined {
    return this.#context.tls?.credentials.contextFor(serverName);
  }

  onHandshake(socket: Socket, isComplete: boolean, error: Error | null): void {
    if (this.#isOver) return;
    this.#socket = socket;
    const tls = this.#context.tls!;
    if (!isComplete) {
      const failure = handshakeFailureOf(error);
      if (failure === "clear-text" && tls.clearTextAnswer !== null) answerInClear(socket, tls.clearTextAnswer);
      this.fail(failure, error);
      return;
    }
    const isAsked = tls.clientCertificates !== "off";
    // RFC 8446 §4.4.2.4: who may come without a certificate still cannot come with a false one.
    if (isAsked && !socket.authorized && (tls.clientCertificates === "required" || hasCertificate(socket))) {
      this.fail("certificate", error);
      return;
    }
    this.#arrive(socket, readTlsFacts(socket));
  }

  #arrive(socket: Socket, tls: TlsFacts | null): void {
    this.#finish();
    this.#context.onArrived(this, {
      socket,
      transport: tls === null ? socket : new TlsTransport(socket),
      tls,
      remoteAddress: this.#remoteAddress,
      received: this.#received,
    });
  }

  #finish(): void {
    this.#isOver = true;
    this.#context.wheel.remove(this.#deadline);
  }
}

/** Shared by all TLS sockets of the process; they only find the owner and tell it. */
const TLS_HANDLERS: TlsSocketHandler<SocketOwner | null> = {
  binaryType: "buffer",
  open: () => {},
  serverName: (owner, name) => (owner instanceof Arrival ? owner.contextFor(name) : undefined),
  handshake: (socket, isComplete, error) => {
    if (socket.data instanceof Arrival) socket.data.onHandshake(socket, isComplete, error);
  },
  data: (socket, chunk) => socket.data?.receive(chunk),
  drain: (socket) => socket.data?.drain(),
  end: (socket) => socket.data?.end(),
  close: (socket, error) => socket.data?.socketClosed(error instanceof Error),
  error: (socket, error) => socket.data?.poison(error),
};

function hasCertificate(socket: Bun.Socket<unknown>): boolean {
  return (socket.getPeerCertificate() as object | undefined) !== undefined;
}

/** Past the TLS library, which takes nothing any more; best effort, for the sake of a person with the wrong scheme in a URL. */
function answerInClear(socket: Bun.Socket<unknown>, answer: Buffer): void {
  try {
    writeSync((socket as unknown as { readonly fd: number }).fd, answer);
  } catch {
    // It left, or does not read.
  }
}
