import { Arena } from "../../kernel/arena.ts";
import type { FieldSink } from "../hpack/field-sink.ts";
import { FieldBlock } from "../http/field-block.ts";
import { isConnectionField } from "../http/field-rules.ts";
import { fieldsTooLarge } from "../http/limit-errors.ts";
import { hashFieldName, isFieldValue } from "./field-octets.ts";
import { COLON_SP_BYTES, type Http2Limits, LINE_END_BYTES } from "./limits.ts";
import { malformed } from "./malformed.ts";

/**
 * Takes the trailer section of a request from the HPACK decoder, by the rules of header fields and without pseudo-header fields (RFC 9113
 * §8.1). Reused from request to request: `fields` is good until the next `start`.
 *
 * Invariant: nothing in it frames or routes the message after the fact. RFC 9110 §6.5.1 forbids to send such fields, and only an attack
 * gains by them.
 */
export class TrailerSection implements FieldSink {
  readonly fields: FieldBlock = new FieldBlock(8);
  readonly text: Arena = new Arena();
  readonly #limits: Http2Limits;
  #fault: Error | null = null;
  #streamId = 0;
  #lineBytes = 0;

  constructor(limits: Http2Limits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#fault !== null;
  }

  /** Begins a section and forgets the last one. */
  start(streamId: number): void {
    this.#streamId = streamId;
    this.#fault = null;
    this.#lineBytes = 0;
    this.text.truncate(this.text.start);
    this.fields.clear(this.text.bytes);
  }

  onField(nameStart: number, valueStart: number, valueEnd: number): void {
    const { fields, text } = this;
    const { headerCountMax, headerLineBytesMax, trailerBytesMax } = this.#limits;
    const lineBytes = valueEnd - nameStart + COLON_SP_BYTES;
    this.#lineBytes += lineBytes + LINE_END_BYTES;
    const hash = hashFieldName(text.bytes, nameStart, valueStart);
    if (hash === -1 || !isFieldValue(text.bytes, valueStart, valueEnd)) {
      this.#fault = malformed(this.#streamId, "a trailer is not valid", "it is a field, and no pseudo-header field");
    } else if (lineBytes > headerLineBytesMax) {
      this.#fault = fieldsTooLarge("trailer", "headerLineBytesMax", headerLineBytesMax);
    } else if (this.#lineBytes > trailerBytesMax) {
      this.#fault = fieldsTooLarge("trailer", "trailerBytesMax", trailerBytesMax);
    } else if (fields.count === headerCountMax) {
      this.#fault = fieldsTooLarge("trailer", "headerCountMax", headerCountMax);
    } else {
      fields.bytes = text.bytes; // Growing may have replaced it.
      fields.add(nameStart, valueStart, valueStart, valueEnd, hash);
    }
  }

  /** @throws {Http2StreamError} when it is malformed. @throws {HttpError} 431, to be answered. */
  finish(): void {
    if (this.#fault !== null) throw this.#fault;
    const { fields } = this;
    for (let index = 0; index < fields.count; index++) {
      if (!isConnectionField(fields, index) && !fields.isNamed(index, "host")) continue;
      throw malformed(this.#streamId, `${fields.name(index)} in the trailer section`, "it belongs to the head");
    }
  }
}
