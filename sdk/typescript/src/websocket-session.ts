import { Deferred } from "./deferred.ts";
import type { WebSocketHandler } from "./app.ts";
import type { WireMap } from "./msgpack-reader.ts";
import { describeError } from "./describe-error.ts";
import { report } from "./report.ts";
import { MESSAGE_OVERHEAD_BYTES, Socket, type SocketOptions } from "./socket.ts";
import type { Credit } from "./credit.ts";

export interface WebSocketSessionOptions extends SocketOptions<unknown> {
  readonly handler: WebSocketHandler;
}

/**
 * One WebSocket from its acceptance to its end: hands what happens to the app, one after the other. docs/reference/wire.md W2.50 to W2.58.
 *
 * Invariant: `open` comes first and `close` last, once each; what the app throws closes the socket with 1011.
 */
export class WebSocketSession {
  readonly credit: Credit;
  readonly #options: WebSocketSessionOptions;
  readonly #socket: Socket;
  readonly #closed = new Deferred<void>();
  /** What has happened and the app has not been told, in order. */
  #events: Promise<void>;
  #isOver = false;

  constructor(options: WebSocketSessionOptions) {
    this.#options = options;
    this.credit = options.credit;
    this.#socket = new Socket(options);
    this.#events = Promise.resolve();
  }

  /** Resolves when the socket is closed and the app knows. */
  async run(): Promise<void> {
    this.#then(() => this.#options.handler.open?.(this.#socket));
    await this.#closed.promise;
    await this.#events;
    this.#options.link.sendEnd(this.#options.requestId);
  }

  receive(frame: WireMap): void {
    const { link, requestId, handler } = this.#options;
    const byteLength = (frame["data"] as string | Uint8Array).length;
    this.#then(async () => {
      try {
        await handler.message?.(this.#socket, readMessage(frame, this.#socket.binaryType));
      } finally {
        // What the app has not taken yet is not granted: a client that sends faster is slowed down.
        if (!this.#isOver) link.sendCredit(requestId, byteLength + MESSAGE_OVERHEAD_BYTES);
      }
    });
  }

  onClosed(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.end();
    this.#then(() => this.#options.handler.close?.(this.#socket, code, reason));
    this.#closed.resolve();
  }

  /** The app has failed behind its acceptance. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#options.link.sendEnd(this.#options.requestId, describeError(error));
    this.#isOver = true;
    this.#socket.end();
  }

  #then(tell: () => void | Promise<void>): void {
    this.#events = this.#events.then(tell).catch((error: unknown) => {
      report("A WebSocket's handler has failed", error);
      this.#socket.close(1011);
    });
  }
}

/** Bytes lie in memory of their own: who takes their `buffer` for the message, as frameworks do, must not find others there. */
function readMessage({ data, binary }: WireMap, kind: Socket["binaryType"]): string | Uint8Array {
  const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : (data as Uint8Array);
  if (binary !== true) return Buffer.from(bytes).toString("utf8");
  const own = new Uint8Array(bytes);
  if (kind === "uint8array") return own;
  // The app has asked for it: who does not, gets what the type says.
  return kind === "arraybuffer" ? (own.buffer as unknown as Uint8Array) : Buffer.from(own.buffer);
}
