import type { Action, Message } from "./context.ts";
import { toMessage } from "./to-message.ts";
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
  /** What bytes come as. */
  binaryType: "nodebuffer" | "arraybuffer" | "uint8array" = "nodebuffer";
  readonly #options: SocketOptions<Data>;
  readonly #topics = new Set<string>();
  #isOpen = true;
  #waiting: (string | Uint8Array)[] = [];
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

  /** The topics that it hears of. */
  get subscriptions(): string[] {
    return [...this.#topics];
  }

  /**
   * Sends one message; nothing happens when the socket is closed. What is neither text nor bytes is sent as its text.
   *
   * @returns how many bytes that is, 0 when the socket is closed.
   * @throws {RangeError} when it is larger than a frame may be (`workers.frame_size`).
   */
  send(data: Message): number {
    if (!this.#isOpen) return 0;
    const message = toMessage(data);
    const byteLength = byteLengthOf(message);
    const { frameBytesMax } = this.#options.link;
    if (byteLength + FRAME_OVERHEAD_BYTES > frameBytesMax) {
      throw new FrameTooLargeError(byteLength + FRAME_OVERHEAD_BYTES, frameBytesMax);
    }
    // What waits is ours: the app may write to its bytes again, as it may where they leave at once.
    const hasToWait = this.#isSending || this.#options.credit.bytes <= 0;
    this.#waiting.push(hasToWait && typeof message !== "string" ? new Uint8Array(message) : message);
    this.#waitingBytes += byteLength;
    if (!this.#isSending) void this.#sendWaiting();
    return byteLength;
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
    if (this.#isOpen) this.#topics.add(topic);
    this.#act({ do: "subscribe", socket: this.id, topic });
  }

  unsubscribe(topic: string): void {
    this.#topics.delete(topic);
    this.#act({ do: "unsubscribe", socket: this.id, topic });
  }

  /** Sends to everybody who has subscribed to `topic`, but for this socket; also when it is closed. */
  publish(topic: string, data: Message): void {
    this.#options.link.sendAction({ do: "publish", topic, data, except: this.id });
  }

  isSubscribed(topic: string): boolean {
    return this.#topics.has(topic);
  }

  // What Bun's sockets have besides, so that handlers that were written for them run.

  sendText(data: string): number {
    return this.send(data);
  }

  sendBinary(data: Message): number {
    return this.send(data);
  }

  publishText(topic: string, data: string): void {
    this.publish(topic, data);
  }

  publishBinary(topic: string, data: Message): void {
    this.publish(topic, data);
  }

  getBufferedAmount(): number {
    return this.#waitingBytes;
  }

  /** What `run` sends leaves together, as it does anyway. */
  cork<Result>(run: (socket: this) => Result): Result {
    return run(this);
  }

  /** As `close`: the connection is the engine's, which ends it in good order. */
  terminate(): void {
    this.close();
  }

  /** The engine pings clients itself, and answers theirs: nothing is sent. */
  ping(): number {
    return 0;
  }

  /** As `ping`. */
  pong(): number {
    return 0;
  }

  /** @internal The engine says that it is closed. */
  end(): void {
    this.#isOpen = false;
    this.#topics.clear();
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

function byteLengthOf(data: string | Uint8Array): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
}
