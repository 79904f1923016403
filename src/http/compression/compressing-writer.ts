import { chooseCoding, type ContentCoding } from "../../protocols/http/content-coding.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { fieldBlockOf, fieldListOf } from "../../protocols/http/field-list.ts";
import { announcedLength } from "../../protocols/http/response-framing.ts";
import { PassingWriter } from "../passing-writer.ts";
import type { BodyWriter, OutgoingHead, OutgoingResponse, ResponseWriter } from "../response-writer.ts";
import { CompressingBody } from "./compressing-body.ts";
import type { Compression } from "./compression.ts";
import { encodeLater, encodeNow } from "./encode-content.ts";
import { confirmingFields, encodedFields, varyingFields } from "./encoded-fields.ts";

/** Content up to this is encoded at once: less work than a thread and the way back. */
const IMMEDIATE_BYTES_MAX = 32 * 1024;

/** What a client has said that bears on the coding of its answer. */
export interface CodingRequest {
  readonly acceptEncoding: string | null;
  /** What it has already. */
  readonly ifNoneMatch: string | null;
  readonly isHead: boolean;
}

/** Stands between the app's answer and the protocol, and encodes what is worth it. Everything else passes. */
export class CompressingWriter extends PassingWriter {
  readonly #compression: Compression;
  readonly #request: CodingRequest;
  #body: CompressingBody | null = null;

  constructor(next: ResponseWriter, compression: Compression, request: CodingRequest) {
    super(next);
    this.#compression = compression;
    this.#request = request;
  }

  override writeResponse(response: OutgoingResponse): void {
    const { status, fields, bodyBytes, bodyStart, bodyEnd } = response;
    const byteLength = bodyEnd - bodyStart;
    if (this.#request.isHead) {
      this.next.writeResponse(this.#headResponse(response));
    } else if (!this.#compression.isWorthwhile(status, fields, byteLength)) {
      const plain = this.#plainFields(status, fields);
      this.next.writeResponse(plain === fields ? response : { ...response, fields: plain });
    } else {
      const coding = this.#chooseCoding();
      if (coding !== null && byteLength <= IMMEDIATE_BYTES_MAX) {
        const content = bodyBytes.subarray(bodyStart, bodyEnd) as Buffer<ArrayBuffer>;
        this.#writeEncoded(response, coding, encodeNow(content, coding, this.#compression.config.effort));
      } else if (coding !== null && this.#compression.takeJob()) {
        this.#encodeLater(response, coding);
      } else {
        this.#writePlain(response);
      }
    }
  }

  override beginBody(
    head: OutgoingHead,
    bodyByteLength: number,
    onTaken: (byteCount: number) => void,
  ): BodyWriter | null {
    const { status, fields } = head;
    const compression = this.#compression;
    if (!compression.isWorthwhile(status, fields, bodyByteLength)) {
      return this.next.beginBody({ status, fields: this.#plainFields(status, fields) }, bodyByteLength, onTaken);
    }
    const coding = this.#chooseCoding();
    if (coding === null || (!this.#request.isHead && !compression.takeStream())) {
      return this.next.beginBody({ status, fields: varyingFields(fields) }, bodyByteLength, onTaken);
    }
    const encodedHead = { status, fields: encodedFields(fields, coding) };
    if (this.#request.isHead) return this.next.beginBody(encodedHead, -1, onTaken);
    const body = new CompressingBody(compression, coding, onTaken);
    this.#body = body;
    return body.start(this.next.beginBody(encodedHead, -1, (byteCount) => body.onBodyTaken(byteCount)));
  }

  override onAbandoned(): void {
    this.#body?.close();
    super.onAbandoned();
  }

  /**
   * Of an answer that is not worth encoding. Where the whole, which might have been encoded, is not sent, caches put it together with what they have.
   * RFC 9110 §15.3.7, §15.4.5.
   */
  #plainFields(status: number, fields: FieldBlock): FieldBlock {
    if (status === 304) return confirmingFields(fields, this.#request.ifNoneMatch);
    return status === 206 ? varyingFields(fields) : fields;
  }

  #chooseCoding(): ContentCoding | null {
    return chooseCoding(this.#request.acceptEncoding, this.#compression.config.codings);
  }

  /** As GET would be answered, without a length, which only encoding would tell. RFC 9110 §9.3.2. */
  #headResponse(response: OutgoingResponse): OutgoingResponse {
    const { status, fields, bodyStart, bodyEnd } = response;
    const facts = { status, fields, bodyByteLength: bodyEnd - bodyStart, isHead: true, versionMinor: 1 } as const;
    if (!this.#compression.isWorthwhile(status, fields, announcedLength(facts))) {
      return { ...response, fields: this.#plainFields(status, fields) };
    }
    const coding = this.#chooseCoding();
    if (coding === null) return { ...response, fields: varyingFields(fields) };
    return { ...response, fields: encodedFields(fields, coding), bodyEnd: bodyStart };
  }

  /** The response is read before this returns; what is kept of it is a copy. */
  #encodeLater(response: OutgoingResponse, coding: ContentCoding): void {
    const { status, bodyBytes, bodyStart, bodyEnd } = response;
    const content = Buffer.from(bodyBytes.subarray(bodyStart, bodyEnd));
    const fields = fieldBlockOf(fieldListOf(response.fields));
    const kept = { status, fields, bodyBytes: content, bodyStart: 0, bodyEnd: content.length };
    encodeLater(content, coding, this.#compression.config.effort, (encoded) => {
      this.#compression.returnJob();
      if (encoded === null) this.#writePlain(kept);
      else this.#writeEncoded(kept, coding, encoded);
    });
  }

  /** Content that encoding makes longer goes as it is. */
  #writeEncoded(response: OutgoingResponse, coding: ContentCoding, encoded: Uint8Array): void {
    if (encoded.length >= response.bodyEnd - response.bodyStart) {
      this.#writePlain(response);
      return;
    }
    const bodyBytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length);
    const fields = encodedFields(response.fields, coding);
    this.next.writeResponse({ status: response.status, fields, bodyBytes, bodyStart: 0, bodyEnd: bodyBytes.length });
  }

  #writePlain(response: OutgoingResponse): void {
    this.next.writeResponse({ ...response, fields: varyingFields(response.fields) });
  }
}
