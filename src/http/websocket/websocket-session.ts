import { type SubscribeResult, Subscriptions } from "../../bus/subscriptions.ts";
import type { Subscriber, TopicBatch } from "../../bus/topic-message.ts";
import type { CloseCause } from "../../kernel/monitor.ts";
import { Segments } from "../../kernel/segments.ts";
import { CLOSE_CODE } from "../../protocols/websocket/close-code.ts";
import { CloseHandshake } from "../../protocols/websocket/close-handshake.ts";
import type { CloseStatus } from "../../protocols/websocket/close-payload.ts";
import type { DeflateAgreement } from "../../protocols/websocket/deflate-agreement.ts";
import { Inflater } from "../../protocols/websocket/inflater.ts";
import { MessageDecoder, type MessageSink } from "../../protocols/websocket/message-decoder.ts";
import type { MessageKind } from "../../protocols/websocket/opcode.ts";
import { WebSocketError } from "../../protocols/websocket/websocket-error.ts";
import type { Duplex } from "../duplex.ts";
import type { UpgradedHandler } from "../response-writer.ts";
import type { WebSocketApp } from "./websocket-app.ts";
import type { WebSocketContext } from "./websocket-context.ts";
import { keepAlive } from "./websocket-keep-alive.ts";
import { WebSocketOutput } from "./websocket-output.ts";

/** Bytes a client may send ahead while its messages are held; then it is not read any more. */
const HELD_BYTES_MAX = 64 * 1024;
/** How long, and for how many bytes, a client that broke the protocol is read on so that it gets to see why. RFC 6455 §7.1.1. */
const LINGER_MS = 2_000;
const LINGER_BYTES_MAX = 16 * 1024 * 1024;

/** What became of a message: `slow` means that it was left out, because too much waits for the client already. */
export type SendResult = "sent" | "slow" | "closed";

/** What one socket is made of. */
export interface WebSocketSessionOptions {
  readonly context: WebSocketContext;
  readonly app: WebSocketApp;
  /** The subprotocol that was chosen; `null` for none. */
  readonly protocol: string | null;
  readonly deflate: DeflateAgreement | null;
}

/**
 * One open WebSocket: RFC 6455 on a stream of bytes, with its deadlines and limits.
 *
 * Invariants: messages reach the app one by one, in order, and only while it does not hold; what is sent to the client and what is
 * published to its topics leaves in the order in which it was said; at most the send buffer and one message or batch wait for a client.
 */
export class WebSocketSession implements UpgradedHandler, MessageSink, Subscriber {
  readonly id: number;
  /** The subprotocol that was chosen; `null` for none. */
  readonly protocol: string | null;
  readonly #duplex: Duplex;
  readonly #context: WebSocketContext;
  readonly #app: WebSocketApp;
  readonly #segments = new Segments();
  readonly #decoder: MessageDecoder;
  readonly #closing = new CloseHandshake();
  readonly #output: WebSocketOutput;
  #subscriptions: Subscriptions | null = null;
  /** When the client was heard last, in the wheel's time. */
  #heardMs: number;
  #isHeldByApp = false;
  #isDecoding = false;

  constructor(duplex: Duplex, { context, app, protocol, deflate }: WebSocketSessionOptions) {
    const { decoding, sessions, wheel } = context;
    this.id = sessions.nextId();
    this.protocol = protocol;
    this.#duplex = duplex;
    this.#context = context;
    this.#app = app;
    this.#output = new WebSocketOutput(duplex, context, deflate);
    this.#decoder = new MessageDecoder(deflate === null ? decoding : { ...decoding, inflater: inflaterOf(deflate) });
    this.#heardMs = wheel.nowMs();
  }

  /** The client as `address:port`. */
  get remoteAddress(): string {
    return this.#duplex.remoteAddress;
  }

  /** True until either side has begun to close. */
  get isOpen(): boolean {
    return this.#closing.isOpen;
  }

  /** True while so much waits for the client that its app should send no more until `onDrain`. */
  get isBackedUp(): boolean {
    return this.#duplex.isAboveHighWater;
  }

  /** The topics it is subscribed to. */
  get topics(): Iterable<string> {
    return this.#subscriptions?.topics ?? [];
  }

  /** Sends a message; `bytes[start, end)` is read before this returns, and text is valid UTF-8. */
  send(kind: MessageKind, bytes: Buffer, start: number, end: number): SendResult {
    this.#context.bus.deliverPending(); // What was published before comes before.
    if (!this.#isReadyFor(1)) return this.isOpen ? "slow" : "closed";
    this.#output.message(kind, bytes, start, end);
    return "sent";
  }

  deliver(batch: TopicBatch): void {
    if (this.#isReadyFor(batch.messages.length)) this.#output.batch(batch);
  }

  /** From now on it gets what is published to `topic`, until it unsubscribes or ends. */
  subscribe(topic: string): SubscribeResult | "closed" {
    if (!this.isOpen) return "closed";
    const { bus, config } = this.#context;
    this.#subscriptions ??= new Subscriptions(bus, this, config);
    return this.#subscriptions.add(topic);
  }

  /** What was published before is still delivered. */
  unsubscribe(topic: string): void {
    this.#context.bus.deliverPending();
    this.#subscriptions?.remove(topic);
  }

  /** Begins to close in good order; does nothing when that has begun. Messages that arrive from now on are dropped. */
  close(code: number = CLOSE_CODE.normal, reason: string = ""): void {
    this.#context.bus.deliverPending();
    if (!this.#beginClosing({ code, reason })) return;
    this.#duplex.resume();
    this.#duplex.setDeadline(this.#context.config.closeMs);
    this.#decode();
  }

  /** Keeps messages back until `release`. Then its client is not read further than a little ahead. */
  hold(): void {
    this.#isHeldByApp = true;
  }

  release(): void {
    this.#isHeldByApp = false;
    this.#goOn();
  }

  onUpgraded(): void {
    const { sessions, counters, config } = this.#context;
    sessions.add(this);
    counters.opened++;
    this.#lookAgain(keepAlive(0, config).delayMs);
    try {
      this.#app.onOpen(this);
    } catch (error) {
      this.#appFailed(error);
    }
    if (sessions.isLeaving) this.close(CLOSE_CODE.goingAway);
  }

  onBytes(chunk: Buffer): void {
    this.#heardMs = this.#context.wheel.nowMs();
    this.#segments.append(chunk);
    this.#decode();
  }

  /** A client that closes its side without a close frame has gone. */
  onEnd(): void {
    this.#duplex.closeAfterFlush();
  }

  onDrain(): void {
    this.#app.onDrain?.(this);
    this.#goOn();
  }

  onDeadline(): void {
    const { counters, wheel, config } = this.#context;
    if (!this.isOpen) {
      counters.timedOut++;
      this.#duplex.close();
      return;
    }
    const nowMs = wheel.nowMs();
    // Who is not read cannot be heard.
    if (this.isHeld) this.#heardMs = nowMs;
    const { action, delayMs } = keepAlive(nowMs - this.#heardMs, config);
    if (action === "close") {
      counters.timedOut++;
      this.close(CLOSE_CODE.goingAway, "idle");
      return;
    }
    if (action === "ping") this.#output.ping();
    this.#lookAgain(delayMs);
  }

  onClose(_cause: CloseCause): void {
    this.#decoder.dispose();
    this.#segments.clear();
    this.#subscriptions?.clear();
    this.#context.sessions.remove(this);
    const { code, reason } = this.#closing.status;
    const isClean = this.#closing.isDone;
    this.#closing.begin({ code, reason }); // Nothing is sent any more, whoever still has the session.
    try {
      this.#app.onClose(this, { code, reason, isClean });
    } catch (error) {
      this.#appFailed(error);
    }
  }

  /** @internal Asked by the decoder before each frame. */
  get isHeld(): boolean {
    return this.isOpen && (this.#isHeldByApp || this.#duplex.isAboveHighWater);
  }

  /** @internal */
  onMessage(kind: MessageKind, bytes: Buffer, start: number, end: number): void {
    if (!this.isOpen) return;
    this.#context.counters.messagesReceived++;
    try {
      this.#app.onMessage(this, kind, bytes, start, end);
    } catch (error) {
      this.#appFailed(error);
    }
  }

  /** @internal */
  onPing(bytes: Buffer, start: number, end: number): void {
    if (this.isOpen) this.#output.pong(bytes, start, end);
  }

  /** @internal */
  onPong(): void {}

  /** @internal RFC 6455 §5.5.1: answered with the same code, and the server closes first (§7.1.1). */
  onCloseFrame(status: CloseStatus): void {
    if (this.#closing.receive(status)) this.#output.close({ code: status.code, reason: "" });
    this.#subscriptions?.clear();
    this.#duplex.setDeadline(this.#context.config.closeMs);
    this.#duplex.closeAfterFlush();
  }

  #decode(): void {
    if (this.#isDecoding) return; // The app has released or closed inside `onMessage`: the decoder goes on by itself.
    this.#isDecoding = true;
    try {
      this.#decoder.decode(this.#segments, this);
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.#fail(error);
    } finally {
      this.#isDecoding = false;
    }
    if (this.isHeld && this.#segments.byteLength > HELD_BYTES_MAX) this.#duplex.pause();
  }

  #goOn(): void {
    if (this.isHeld) return;
    this.#duplex.resume();
    this.#decode();
  }

  /** Whether `count` messages may be sent now; a client that is slow is dealt with here. */
  #isReadyFor(count: number): boolean {
    if (!this.isOpen) return false;
    const { config, counters } = this.#context;
    if (!this.#output.isFull) return true;
    if (config.slowClient === "drop") {
      counters.messagesDropped += count;
    } else {
      counters.slowClients++;
      this.close(CLOSE_CODE.policyViolation, "too slow");
    }
    return false;
  }

  /** The client broke the protocol: it is told why, and nothing more of it is read. RFC 6455 §7.1.7. */
  #fail(error: WebSocketError): void {
    this.#context.counters.protocolErrors++;
    this.#context.log.debug("websocket failed", { client: this.remoteAddress, error });
    this.#beginClosing({ code: error.closeCode, reason: "" });
    this.#decoder.dispose();
    this.#segments.clear();
    this.#duplex.linger(LINGER_MS, LINGER_BYTES_MAX);
  }

  /** Contained here, because messages also come while somebody else is at work: whoever has released the socket. */
  #appFailed(error: unknown): void {
    this.#context.log.error("websocket app failed", { socket: this.id, error: error as Error });
    this.close(CLOSE_CODE.internalError);
  }

  #beginClosing(status: CloseStatus): boolean {
    if (!this.#closing.begin(status)) return false;
    this.#subscriptions?.clear();
    this.#output.close(status);
    return true;
  }

  #lookAgain(delayMs: number): void {
    if (delayMs !== Infinity) this.#duplex.setDeadline(delayMs);
  }
}

function inflaterOf({ clientWindowBits, clientTakesOverContext }: DeflateAgreement): Inflater {
  return new Inflater(clientTakesOverContext ? 1 << clientWindowBits : 0);
}
