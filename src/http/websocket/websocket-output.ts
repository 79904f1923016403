import type { TopicBatch } from "../../bus/topic-message.ts";
import type { CloseStatus } from "../../protocols/websocket/close-payload.ts";
import type { DeflateAgreement } from "../../protocols/websocket/deflate-agreement.ts";
import { Deflater } from "../../protocols/websocket/deflater.ts";
import { encodeClose, encodeControl, encodeMessageHeader } from "../../protocols/websocket/frame-encoder.ts";
import { type MessageKind, PING, PONG } from "../../protocols/websocket/opcode.ts";
import type { Duplex } from "../duplex.ts";
import type { WebSocketContext } from "./websocket-context.ts";
import { DEFLATE_LEVEL } from "./websocket-frames.ts";

const NOTHING = Buffer.alloc(0);

/**
 * The sending side of one WebSocket: frames out, compressed where that was agreed on. Invariant: bytes are written in the order of the
 * calls; whether anything may be said is the session's concern.
 */
export class WebSocketOutput {
  readonly #duplex: Duplex;
  readonly #context: WebSocketContext;
  readonly #deflater: Deflater | null;
  /** Whether it can take what was deflated for everybody. */
  readonly #takesSharedDeflate: boolean;

  constructor(duplex: Duplex, context: WebSocketContext, deflate: DeflateAgreement | null) {
    this.#duplex = duplex;
    this.#context = context;
    this.#deflater = deflate === null ? null : deflaterOf(deflate);
    this.#takesSharedDeflate = deflate?.serverWindowBits === context.config.compressionWindowBits;
  }

  /** True when more waits for the client than the send buffer may hold. */
  get isFull(): boolean {
    return this.#duplex.outputBytes > this.#context.config.sendBufferBytesMax;
  }

  message(kind: MessageKind, bytes: Buffer, start: number, end: number): void {
    const duplex = this.#duplex;
    const { config, counters } = this.#context;
    counters.messagesSent++;
    if (this.#deflater === null || end - start < config.compressionBytesMin) {
      encodeMessageHeader(duplex.output(), { kind, isCompressed: false }, end - start);
      duplex.write(bytes, start, end);
      return;
    }
    const payload = this.#deflater.deflate(bytes, start, end);
    encodeMessageHeader(duplex.output(), { kind, isCompressed: true }, payload.length);
    duplex.write(payload, 0, payload.length);
  }

  /** Messages that others get, too: encoded once for all of them. */
  batch(batch: TopicBatch): void {
    const { frames, counters } = this.#context;
    counters.messagesSent += batch.messages.length;
    const bytes = batch.encodedBy(this.#takesSharedDeflate ? frames.deflated : frames.plain);
    if (this.#takesSharedDeflate) this.#deflater?.forget();
    this.#duplex.writeNow(bytes, 0, bytes.length);
  }

  ping(): void {
    encodeControl(this.#duplex.output(), PING, NOTHING, 0, 0);
  }

  pong(bytes: Buffer, start: number, end: number): void {
    encodeControl(this.#duplex.output(), PONG, bytes, start, end);
  }

  close({ code, reason }: CloseStatus): void {
    encodeClose(this.#duplex.output(), code, reason);
  }
}

function deflaterOf({ serverWindowBits, serverTakesOverContext }: DeflateAgreement): Deflater {
  return new Deflater({ windowBits: serverWindowBits, takesOverContext: serverTakesOverContext, level: DEFLATE_LEVEL });
}
