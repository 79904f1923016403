import type { Segments } from "../../kernel/segments.ts";
import { FieldBlock } from "../http/field-block.ts";
import { indexOfOctet } from "../http/octet-text.ts";
import { CR, LF } from "../http/octets.ts";
import { applyBodyFraming } from "./body-framing.ts";
import { FieldLinesDecoder } from "./field-lines-decoder.ts";
import type { HttpLimits } from "./limits.ts";
import { ambiguous, malformed } from "./refusal.ts";

/** Version, status, and a phrase that nobody needs. RFC 9112 §4. */
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** The head of a response that an upstream has sent, and how its body is framed; valid until more is read. */
export class ResponseHead {
  bytes: Buffer = Buffer.alloc(0);
  versionMinor: 0 | 1 = 1;
  status = 200;
  readonly fields: FieldBlock = new FieldBlock();
  /** -1 when no length is announced. */
  contentLength = -1;
  isChunked = false;
}

/** Decodes heads of responses as strictly as those of requests: what two readers could take for different messages is refused. */
export class ResponseHeadDecoder {
  readonly #limits: HttpLimits;
  readonly #fieldLines: FieldLinesDecoder;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
    this.#fieldLines = new FieldLinesDecoder({
      subject: "response header",
      lineBytesMax: limits.headerLineBytesMax,
      countMax: limits.headerCountMax,
      sectionBytesMax: limits.headerBytesMax,
    });
  }

  /**
   * Decodes the head at the start of `segments` and consumes it.
   *
   * @returns false when more bytes are needed.
   * @throws {HttpError} when it is malformed, ambiguous or too large.
   */
  decode(segments: Segments, head: ResponseHead): boolean {
    const { bytes, start, end } = segments;
    const stop = Math.min(end, start + this.#limits.requestLineBytesMax + 2);
    const lineEnd = indexOfOctet(bytes, LF, start, stop);
    if (lineEnd === stop) {
      if (stop < end) throw malformed("response header", "a status line without an end", "it ends within its limit");
      return false;
    }
    const line = bytes.toString("latin1", start, bytes[lineEnd - 1] === CR ? lineEnd - 1 : start);
    const [, minor, status] = STATUS_LINE.exec(line) ?? [];
    if (status === undefined) throw malformed("response header", "no status line", "it is HTTP/1.x and a status");
    head.bytes = bytes;
    head.versionMinor = minor === "0" ? 0 : 1;
    head.status = Number(status);
    head.fields.clear(bytes);
    const headEnd = this.#fieldLines.decode(bytes, lineEnd + 1, end, head.fields);
    if (headEnd < 0) return false;
    frame(head);
    segments.consume(headEnd - start);
    return true;
  }
}

/** RFC 9112 §6.3, apart from requests and statuses that have no body. */
function frame(head: ResponseHead): void {
  const { fields } = head;
  const contentLength = fields.find("content-length", 0);
  const transferEncoding = fields.find("transfer-encoding", 0);
  const isRepeated = (index: number, name: string): boolean => index !== -1 && fields.find(name, index + 1) !== -1;
  if (isRepeated(contentLength, "content-length") || isRepeated(transferEncoding, "transfer-encoding")) {
    throw ambiguous("a field that frames the body twice", "once is allowed");
  }
  applyBodyFraming(head, contentLength, transferEncoding);
}
