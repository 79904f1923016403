import type { Exchange } from "../../http/exchange.ts";
import type { ResponseStream } from "../../http/response-stream.ts";
import { fieldBlockOf } from "../../protocols/http/field-list.ts";

/** What may wait for a reader; past it, parts are left out until it has caught up. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** A text that goes on for as long as somebody reads it. A reader that is too slow misses parts, and holds up nobody. */
export class TextStream {
  readonly #body: ResponseStream | null;
  #waitingBytes = 0;

  /** Answers the exchange with it. */
  constructor(exchange: Exchange, contentType: string, fields: Readonly<Record<string, string>>) {
    const head = { status: 200, fields: fieldBlockOf(Object.entries({ "Content-Type": contentType, ...fields })) };
    this.#body = exchange.begin(head, (byteCount) => (this.#waitingBytes -= byteCount));
  }

  /** @returns false when the part was left out. */
  write(text: string): boolean {
    if (this.#waitingBytes > WAITING_BYTES_MAX) return false;
    const bytes = Buffer.from(text);
    this.#waitingBytes += bytes.length;
    this.#body?.write(bytes, 0, bytes.length);
    return true;
  }

  end(): void {
    this.#body?.end();
  }
}
