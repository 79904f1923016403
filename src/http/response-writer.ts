import type { FieldBlock } from "../protocols/http/field-block.ts";

/** A whole response as it leaves: fields and body are offsets into somebody's bytes, read before the call that takes it returns. */
export interface OutgoingResponse {
  /** 200 to 999. */
  readonly status: number;
  readonly fields: FieldBlock;
  readonly bodyBytes: Buffer;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** What may be told to a client of an error of ours. */
export interface RefusalOptions {
  /** Seconds, as `Retry-After`. */
  readonly retryAfterS?: number;
  /** Names the log line that says what happened. */
  readonly errorId?: string;
}

/** The protocol's side of an exchange: turns a response into that protocol's bytes. */
export interface ResponseWriter {
  writeResponse(response: OutgoingResponse): void;
  writeRefusal(status: number, options: RefusalOptions | undefined): void;
}
