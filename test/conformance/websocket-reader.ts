import { Segments } from "../../src/kernel/segments.ts";
import { AssemblyMemory } from "../../src/protocols/websocket/assembly-memory.ts";
import type { CloseStatus } from "../../src/protocols/websocket/close-payload.ts";
import { Inflater } from "../../src/protocols/websocket/inflater.ts";
import { MessageDecoder, type MessageSink } from "../../src/protocols/websocket/message-decoder.ts";
import type { MessageKind } from "../../src/protocols/websocket/opcode.ts";
import { WebSocketError } from "../../src/protocols/websocket/websocket-error.ts";
import {
  closeEvent,
  CONFORMANCE_MESSAGE_BYTES_MAX,
  failEvent,
  messageEvent,
  type WebSocketEvent,
} from "./websocket-case.ts";

/** What a decoder made of a client's bytes. */
export interface WebSocketReading {
  readonly events: readonly WebSocketEvent[];
  /** Bytes that wait for more. */
  readonly waitingBytes: number;
  /** Bytes of unfinished messages. */
  readonly heldBytes: number;
}

/** How to read, where it is not as the tables are written for. */
export interface ReadingOptions {
  readonly messageBytesMax?: number;
  readonly memoryBytesMax?: number;
  /** The window a client takes over from message to message, in bytes; 0 for none, `null` for no compression at all. The default. */
  readonly deflateWindowBytes?: number | null;
}

/** Feeds `bytes` to a new decoder, cut at the offsets `cuts`, until it fails. */
export function readWebSocket(bytes: Buffer, cuts: readonly number[], options: ReadingOptions = {}): WebSocketReading {
  const { messageBytesMax = CONFORMANCE_MESSAGE_BYTES_MAX, deflateWindowBytes = null } = options;
  const memory = new AssemblyMemory(options.memoryBytesMax ?? CONFORMANCE_MESSAGE_BYTES_MAX * 2);
  const decoder = new MessageDecoder({
    sender: "client",
    messageBytesMax,
    memory,
    inflater: deflateWindowBytes === null ? null : new Inflater(deflateWindowBytes),
  });
  const segments = new Segments();
  const sink = new EventSink();
  let from = 0;
  try {
    for (const to of [...cuts, bytes.length]) {
      segments.append(Buffer.from(bytes.subarray(from, to)));
      decoder.decode(segments, sink);
      from = to;
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    sink.events.push(failEvent(error.closeCode));
    decoder.dispose();
    segments.clear();
  }
  return { events: sink.events, waitingBytes: segments.byteLength, heldBytes: memory.bytes };
}

class EventSink implements MessageSink {
  readonly isHeld = false;
  readonly events: WebSocketEvent[] = [];

  onMessage(kind: MessageKind, bytes: Buffer, start: number, end: number): void {
    this.events.push(messageEvent(kind, bytes.subarray(start, end)));
  }

  onPing(bytes: Buffer, start: number, end: number): void {
    this.events.push(messageEvent("ping", bytes.subarray(start, end)));
  }

  onPong(): void {
    this.events.push("pong");
  }

  onCloseFrame({ code, reason }: CloseStatus): void {
    this.events.push(closeEvent(code, reason));
  }
}
