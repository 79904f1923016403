import type { Action, Message } from "./context.ts";
import type { Credit } from "./credit.ts";
import type { EngineLink } from "./engine-link.ts";
import { FrameTooLargeError } from "./frame-writer.ts";

/** A message costs this much credit besides its bytes (W2.53). */
export const MESSAGE_OVERHEAD_BYTES = 16;

/** What a frame has at most besides the message in it. */
const FRAME_OVERHEAD_BYTES = 64;

export interface SocketOptions<Data> {
  /** Of the request it was. */
  readonly requestId: number;
  readonly id: string;
  readonly data: Data;
  readonly remoteAddress: string;
  readonly protocol: string;
  readonly link: EngineLink;
  readonly credit: Credit;
}

/** One WebSocket that this worker holds. The connection itself lives in the engine. */
export class Socket<Data = unknown> {
  /** Its name everywhere: `context.send(id, …)` reaches it from any worker. */
  readonly id: string;
  /** What the app has put here when it accepted. */
  data: Data;
  /** The client's address and port. */
  readonly remoteAddress: string;
  /** The subprotocol that was agreed on; empty when there is none. */
  readonly protocol: string;
  readonly #options: SocketOptions<Data>;
  #isOpen = true;
  #waiting: Message[] = [];
  #waitingBytes = 0;
  #isSending = false;
  /** Waits for the messages before it. */
  #farewell: { readonly code: number; readonly reason: string } | null = null;

  constructor(options: SocketOptions<Data>) {
    this.#options = options;
    this.id = options.id;
    this.data = options.data;
    this.remoteAddress = options.remoteAddress;
    this.protocol = options.protocol;
  }

  /** As in the browser's WebSocket: 1 is open, 3 is closed. */
  get readyState(): 1 | 3 {
    return this.#isOpen ? 1 : 3;
  }

  /** Bytes that wait in this process because the client reads slowly. */
  get bufferedAmount(): number {
    return this.#waitingBytes;
  }

  /**
   * Sends one message; nothing happens when the socket is closed.
   *
   * @throws {RangeError} when it is larger than a frame may be (`workers.frame_size`).
   */
  send(data: Message): void {
    if (!this.#isOpen) return;
    const byteLength = byteLengthOf(data);
    const { frameBytesMax } = this.#options.link;
    if (byteLength + FRAME_OVERHEAD_BYTES > frameBytesMax) {
      throw new FrameTooLargeError(byteLength + FRAME_OVERHEAD_BYTES, frameBytesMax);
    }
    this.#waiting.push(data);
    this.#waitingBytes += byteLength;
    if (!this.#isSending) void this.#sendWaiting();
  }

  /** Closes in good order, behind what was sent. */
  close(code: number = 1000, reason: string = ""): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#farewell = { code, reason };
    if (!this.#isSending) this.#sayFarewell();
  }

  /** What is published to `topic` goes to this socket from now on. */
  subscribe(topic: string): void {
    this.#act({ do: "subscribe", socket: this.id, topic });
  }

  unsubscribe(topic: string): void {
    this.#act({ do: "unsubscribe", socket: this.id, topic });
  }

  /** Sends to everybody who has subscribed to `topic`, but for this socket; also when it is closed. */
  publish(topic: string, data: Message): void {
    this.#options.link.sendAction({ do: "publish", topic, data, except: this.id });
  }

  /** @internal The engine says that it is closed. */
  end(): void {
    this.#isOpen = false;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#options.credit.close();
  }

  #act(action: Action): void {
    if (this.#isOpen) this.#options.link.sendAction(action);
  }

  #sayFarewell(): void {
    const { link, requestId, credit } = this.#options;
    if (this.#farewell === null || credit.isClosed) return;
    link.sendSocketClose(requestId, this.#farewell.code, this.#farewell.reason);
  }

  async #sendWaiting(): Promise<void> {
    const { credit, link, requestId } = this.#options;
    this.#isSending = true;
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      // Without a turn of its own when there is credit: messages keep their place among actions.
      if (credit.bytes <= 0) await credit.available();
      if (credit.isClosed) break;
      const byteLength = byteLengthOf(message);
      this.#waitingBytes -= byteLength;
      credit.spend(byteLength + MESSAGE_OVERHEAD_BYTES);
      link.sendMessage(requestId, message);
    }
    this.#isSending = false;
    this.#sayFarewell();
  }
}

function byteLengthOf(data: Message): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
}
