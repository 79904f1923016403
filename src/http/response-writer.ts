import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import type { OwnField } from "../protocols/http/field-list.ts";
import type { FieldBlock } from "../protocols/http/field-block.ts";
import type { Duplex } from "./duplex.ts";

/** A whole response as it leaves: fields and body are offsets into somebody's bytes, read before the call that takes it returns. */
export interface OutgoingResponse {
  /** 200 to 999. */
  readonly status: number;
  readonly fields: FieldBlock;
  readonly bodyBytes: Buffer;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** The head of a response whose content follows in parts. Fields are read before the call that takes it returns. */
export type OutgoingHead = Pick<OutgoingResponse, "status" | "fields">;

/** What may be told to a client of an error of ours. */
export interface RefusalOptions {
  /** Seconds, as `Retry-After`. */
  readonly retryAfterS?: number;
  /** With 405: the methods that are there, as `Allow`. */
  readonly allow?: string;
  /** Further fields, from those who put them into every answer: names in their usual case, values latin-1 without control characters. */
  readonly fields?: readonly OwnField[];
  /** Names the log line that says what happened. */
  readonly errorId?: string;
  /** What the client has to ask for in its place, with 426; its version is the one we speak. */
  readonly upgrade?: "websocket";
}

/** What runs on a stream after HTTP. */
export interface UpgradedHandler extends ConnectionHandler {
  /** The first call of all: the stream is its own from now on. */
  onUpgraded(): void;
}

/** The answer that ends HTTP on a stream: 101 in HTTP/1.1, 200 to an extended CONNECT in later versions (RFC 8441). */
export interface Upgrade {
  /** What is spoken from now on, as `Upgrade` and `:protocol` name it. */
  readonly protocol: "websocket";
  /** Fields of the engine's own; names in their usual case, values latin-1 without control characters. */
  readonly ownFields: readonly (readonly [name: string, value: string])[];
  /** Fields of the app's; `null` for none. */
  readonly fields: FieldBlock | null;
  /** Makes what takes over. Called when the answer is written. */
  readonly takeOver: (duplex: Duplex) => UpgradedHandler;
}

/** The protocol's side of a body in parts. The app's side is `ResponseStream`, which keeps it to the announced length and ends it once. */
export interface BodyWriter {
  /** Takes a part; it leaves at the end of the turn, or as soon as the client lets it. The bytes are read before this returns. */
  write(bytes: Buffer, start: number, end: number): void;
  /**
   * Sends bytes of a file that the client takes now, which count as taken. Where it is missing, and where it sends nothing, `write` has to.
   *
   * @returns how many bytes have been sent.
   */
  writeFile?(fd: number, position: number, byteCount: number): number;
  /**
   * The body is complete.
   *
   * @param trailers what follows it, where the client has said that it keeps them; dropped elsewhere. They may be sent (see `sendableTrailers`) and
   *   stay valid.
   */
  end(trailers: FieldBlock | null): void;
  /** The body stays incomplete, and the client must see that: never a clean end. What was written before may still leave. */
  abort(): void;
}

/** The protocol's side of an exchange: turns a response into that protocol's bytes. */
export interface ResponseWriter {
  readonly httpMajor: 1 | 2 | 3;
  writeResponse(response: OutgoingResponse): void;
  writeRefusal(status: number, options: RefusalOptions | undefined): void;
  writeUpgrade(upgrade: Upgrade): void;
  /** Sends a 1xx other than 101 ahead of the response; left out where the client's version of the protocol knows none. */
  writeInterim(head: OutgoingHead): void;
  /**
   * Sends a head at once; its content follows.
   *
   * @param bodyByteLength what the app announces as Content-Length; -1 when it does not.
   * @param onTaken called with the bytes of content that no longer count as waiting for this client: at once while it keeps up, later when
   *   it does not. What is written and not taken is what a slow client costs.
   * @returns `null` when no content follows (HEAD, 204, 304): then the response is complete.
   */
  beginBody(head: OutgoingHead, bodyByteLength: number, onTaken: (byteCount: number) => void): BodyWriter | null;
  /** For those in between, who tell the next one: the client is gone before the answer was complete, and nothing more is written. */
  onAbandoned?(): void;
}
