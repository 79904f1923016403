import type { Codec } from "../../kernel/codec.ts";
import type { Segments } from "../../kernel/segments.ts";
import type { AssemblyMemory } from "./assembly-memory.ts";
import { type CloseStatus, decodeClosePayload } from "./close-payload.ts";
import { FrameHeader, type Sender } from "./frame-header.ts";
import type { Inflater } from "./inflater.ts";
import { applyMask, turnKey } from "./mask.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { CLOSE, CONTINUATION, type MessageKind, PING, TEXT } from "./opcode.ts";
import { isUtf8Text, Utf8Validator } from "./utf8-validator.ts";
import { badContent, badFrame, messageTooLarge, type WebSocketError } from "./websocket-error.ts";

/** Where decoded messages go. What is handed over is valid during the call, unmasked and checked. */
export interface MessageSink {
  /** While true nothing is decoded: what has arrived waits in the segments. Looked at before each frame. */
  readonly isHeld: boolean;
  onMessage(kind: MessageKind, bytes: Buffer, start: number, end: number): void;
  /** To be answered with a pong of the same payload. */
  onPing(bytes: Buffer, start: number, end: number): void;
  onPong(): void;
  /** The last call of all: what follows a close frame is dropped. */
  onCloseFrame(status: CloseStatus): void;
}

/** What both ends of a connection have agreed on, and what is granted. */
export interface MessageDecoderOptions {
  readonly sender: Sender;
  /** Of one message, whatever its fragments; of a compressed one before and after it is inflated. More is 1009. */
  readonly messageBytesMax: number;
  readonly memory: AssemblyMemory;
  /** `null` where no compression was agreed on: RSV1 is an error then. */
  readonly inflater: Inflater | null;
}

/**
 * Turns the bytes of one peer into messages: frames, fragments with control frames between them, UTF-8, compression. RFC 6455 §5 to §8.
 *
 * A message that arrives in one piece is unmasked where it lies and handed over uncopied; any other is collected as it arrives. Invariant:
 * nothing waits in the segments but an unfinished header or control frame, so a peer holds what it has sent of one message and 138 bytes.
 */
export class MessageDecoder implements Codec<MessageSink> {
  readonly #options: MessageDecoderOptions;
  readonly #header = new FrameHeader();
  /** Of the frame whose header is read: payload yet to come, and the key turned to where it goes on. */
  #payloadBytesLeft = 0;
  #key = 0;
  /** `between-frames` also between the fragments of a message. */
  #phase: "between-frames" | "payload" | "closed" = "between-frames";
  /** The message whose fragments arrive; `null` between two messages. */
  #kind: MessageKind | null = null;
  #isCompressed = false;
  /** Exist from the first message on that came in more than one piece. */
  #buffer: MessageBuffer | null = null;
  #utf8: Utf8Validator | null = null;

  constructor(options: MessageDecoderOptions) {
    this.#options = options;
  }

  /** @throws {WebSocketError} for whatever the peer does wrong, as early as it shows. */
  decode(segments: Segments, sink: MessageSink): void {
    while (!sink.isHeld && this.#step(segments, sink)) {
      // Each step ends a frame.
    }
    if (this.#phase === "closed") segments.clear();
  }

  /** Lets go of a message that will not be completed. */
  dispose(): void {
    this.#phase = "closed";
    this.#buffer?.clear();
  }

  /** Returns whether a frame has ended; otherwise more bytes are needed. */
  #step(segments: Segments, sink: MessageSink): boolean {
    if (this.#phase === "between-frames") {
      if (!this.#header.decode(segments, this.#options.sender)) return false;
      this.#payloadBytesLeft = this.#header.payloadBytes;
      this.#key = this.#header.key;
      this.#phase = "payload";
      if (!this.#header.isControl) this.#beginDataFrame();
    }
    if (this.#phase === "closed") return false;
    return this.#header.isControl ? this.#readControl(segments, sink) : this.#readPayload(segments, sink);
  }

  #beginDataFrame(): void {
    const { opcode, isCompressed } = this.#header;
    if (opcode === CONTINUATION) {
      if (this.#kind === null) throw badFrame("it continues nothing", "a message begins with a text or binary frame");
    } else {
      if (this.#kind !== null) throw badFrame("it begins a message inside another", "the fragments of one come first");
      if (isCompressed && this.#options.inflater === null) {
        throw badFrame("RSV1 is set on it", "compression was not agreed on");
      }
      this.#kind = opcode === TEXT ? "text" : "binary";
      this.#isCompressed = isCompressed;
    }
    const { messageBytesMax } = this.#options;
    if (this.#bufferedBytes + this.#payloadBytesLeft > messageBytesMax) throw messageTooLarge(messageBytesMax);
  }

  get #bufferedBytes(): number {
    return this.#buffer === null ? 0 : this.#buffer.byteLength;
  }

  #readControl(segments: Segments, sink: MessageSink): boolean {
    const { opcode, payloadBytes } = this.#header;
    if (segments.byteLength < payloadBytes) return false;
    const { bytes, start } = segments;
    const end = start + payloadBytes;
    applyMask(bytes, start, end, this.#key);
    segments.consume(payloadBytes);
    this.#phase = "between-frames";
    if (opcode === PING) {
      sink.onPing(bytes, start, end);
    } else if (opcode === CLOSE) {
      this.dispose();
      sink.onCloseFrame(decodeClosePayload(bytes, start, end));
    } else {
      sink.onPong();
    }
    return true;
  }

  #readPayload(segments: Segments, sink: MessageSink): boolean {
    const { bytes, start } = segments;
    const count = Math.min(this.#payloadBytesLeft, segments.byteLength);
    const end = start + count;
    applyMask(bytes, start, end, this.#key);
    segments.consume(count);
    this.#payloadBytesLeft -= count;
    const isFrameEnd = this.#payloadBytesLeft === 0;
    const isMessageEnd = isFrameEnd && this.#header.isFinal;
    if (isFrameEnd) this.#phase = "between-frames";
    else this.#key = turnKey(this.#key, count);
    if (isMessageEnd && this.#isWhole(count)) this.#deliver(bytes, start, end, sink);
    else if (count > 0 || isMessageEnd) this.#collect(bytes, start, end, isMessageEnd ? sink : null);
    return isFrameEnd;
  }

  /** True when the `count` bytes just read are all of the message. */
  #isWhole(count: number): boolean {
    return this.#header.opcode !== CONTINUATION && count === this.#header.payloadBytes;
  }

  /** @param sink where the message goes, if this is the last piece of it. */
  #collect(bytes: Buffer, start: number, end: number, sink: MessageSink | null): void {
    const buffer = (this.#buffer ??= new MessageBuffer(this.#options.memory, this.#options.messageBytesMax));
    // What is compressed shows its text when it is inflated, and that is when it is complete.
    const isText = this.#kind === "text" && !this.#isCompressed;
    if (isText) this.#checkPiece(bytes, start, end, sink !== null);
    buffer.append(bytes, start, end);
    if (sink === null) return;
    const { bytes: message, byteLength } = buffer;
    buffer.clear();
    if (isText) this.#handOver(message, 0, byteLength, sink);
    else this.#deliver(message, 0, byteLength, sink);
  }

  #checkPiece(bytes: Buffer, start: number, end: number, isLast: boolean): void {
    const utf8 = (this.#utf8 ??= new Utf8Validator());
    if (!utf8.push(bytes, start, end) || (isLast && !utf8.isComplete)) throw badText();
  }

  /** Inflates and checks a whole message. */
  #deliver(bytes: Buffer, start: number, end: number, sink: MessageSink): void {
    if (this.#isCompressed) {
      const { inflater, messageBytesMax } = this.#options;
      this.#isCompressed = false;
      const content = inflater!.inflate(bytes, start, end, messageBytesMax);
      this.#deliver(content, 0, content.length, sink);
      return;
    }
    if (this.#kind === "text" && !isUtf8Text(bytes, start, end)) throw badText();
    this.#handOver(bytes, start, end, sink);
  }

  #handOver(bytes: Buffer, start: number, end: number, sink: MessageSink): void {
    const kind = this.#kind!;
    this.#kind = null; // First: the sink may look for more.
    sink.onMessage(kind, bytes, start, end);
  }
}

function badText(): WebSocketError {
  return badContent("text message", "it is not valid");
}
