import type { Connection } from "../kernel/connection.ts";
import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import { PREFACE } from "../protocols/http2/frame.ts";
import { FIRST_REQUEST_MS, type HttpConnection } from "./http-connection.ts";

/** Makes what runs on a connection once it is known what it speaks. */
export interface ProtocolOpener {
  /** How long the first bytes may take, and after the first of them the rest of a preface. */
  readonly deadlines: { readonly idleMs: number; readonly headMs: number };
  openHttp1(connection: Connection): ConnectionHandler;
  openHttp2(connection: Connection): ConnectionHandler;
}

/**
 * Finds out what a client with prior knowledge speaks, and makes way for it: HTTP/2 begins with a preface that no HTTP/1 request begins with
 * (RFC 9113 §3.3 and §3.4). It sees the first bytes of a connection and never a second chunk of one that speaks HTTP/1, unless that begins
 * as the preface does.
 */
export class ProtocolSniffer implements HttpConnection {
  readonly #connection: Connection;
  readonly #opener: ProtocolOpener;
  #prefix: Buffer | null = null;

  constructor(connection: Connection, opener: ProtocolOpener) {
    this.#connection = connection;
    this.#opener = opener;
    connection.setDeadline(opener.deadlines.idleMs);
  }

  announceClose(): void {
    // There is nobody yet who could be told: what the connection turns into will say so.
  }

  readonly isEndedByClose = false;
  readonly protocol = null;

  closeIfIdle(): void {
    this.#connection.setDeadline(FIRST_REQUEST_MS);
  }

  onBytes(chunk: Buffer): void {
    const bytes = this.#prefix === null ? chunk : Buffer.concat([this.#prefix, chunk]);
    const count = Math.min(bytes.length, PREFACE.length);
    if (PREFACE.compare(bytes, 0, count, 0, count) !== 0) this.#becomes("http1", bytes);
    else if (count === PREFACE.length) this.#becomes("http2", bytes);
    else {
      if (this.#prefix === null) this.#connection.setDeadline(this.#opener.deadlines.headMs);
      this.#prefix = bytes;
    }
  }

  onEnd(): void {
    this.#connection.closeAfterFlush();
  }

  onDrain(): void {
    // Nothing has been written.
  }

  onDeadline(): void {
    this.#connection.closeAfterFlush();
  }

  onClose(): void {
    this.#prefix = null;
  }

  #becomes(protocol: "http1" | "http2", bytes: Buffer): void {
    const connection = this.#connection;
    const opener = this.#opener;
    const handler = protocol === "http1" ? opener.openHttp1(connection) : opener.openHttp2(connection);
    connection.handler = handler;
    handler.onBytes(bytes);
  }
}
