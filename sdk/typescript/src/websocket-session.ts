import { Deferred } from "./deferred.ts";
import type { WebSocketHandler } from "./app.ts";
import { asUtf8, textOf, type WireMap } from "./msgpack-reader.ts";
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
    const message = readMessage(frame);
    const byteLength = frame["data"] instanceof Uint8Array ? frame["data"].length : textOf(frame, "data").length;
    this.#then(async () => {
      try {
        await handler.message?.(this.#socket, message);
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

function readMessage(frame: WireMap): string | Uint8Array {
  const { data, binary } = frame;
  if (data instanceof Uint8Array) return binary === true ? data : Buffer.from(data).toString("utf8");
  const text = textOf(frame, "data");
  return binary === true ? Buffer.from(text, "latin1") : asUtf8(text);
}
