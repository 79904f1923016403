import { PassingWriter } from "../../http/passing-writer.ts";
import type {
  BodyWriter,
  OutgoingHead,
  OutgoingResponse,
  RefusalOptions,
  ResponseWriter,
} from "../../http/response-writer.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { fieldBlockOf, fieldListOf } from "../../protocols/http/field-list.ts";
import { scriptElement } from "./page-script.ts";

/** Fields that say something about content as it was. */
const CONTENT_FIELDS: ReadonlySet<string> = new Set([
  "content-length",
  "accept-ranges",
  "content-md5",
  "digest",
  "content-digest",
]);

const SCRIPT_NONCE = /script-src(?:-elem)?[^;]*'nonce-([A-Za-z0-9+/_=-]+)'/i;

/** Puts the script of the live reload behind pages, and something readable in the place of errors of the engine's own. */
export class PageWriter extends PassingWriter {
  readonly #explain: (status: number, options: RefusalOptions) => OutgoingResponse | null;

  /** @param explain makes the page in the place of a refusal; `null` leaves it as it is. */
  constructor(next: ResponseWriter, explain: (status: number, options: RefusalOptions) => OutgoingResponse | null) {
    super(next);
    this.#explain = explain;
  }

  override writeResponse(response: OutgoingResponse): void {
    const { status, fields, bodyBytes, bodyStart, bodyEnd } = response;
    if (!isPage(status, fields)) {
      this.next.writeResponse(response);
      return;
    }
    const body = Buffer.concat([bodyBytes.subarray(bodyStart, bodyEnd), scriptFor(fields)]);
    this.next.writeResponse({ status, fields: changed(fields), bodyBytes: body, bodyStart: 0, bodyEnd: body.length });
  }

  override beginBody(
    head: OutgoingHead,
    bodyByteLength: number,
    onTaken: (byteCount: number) => void,
  ): BodyWriter | null {
    const { status, fields } = head;
    if (!isPage(status, fields)) return this.next.beginBody(head, bodyByteLength, onTaken);
    const script = scriptFor(fields);
    let isEnding = false;
    const byteLength = bodyByteLength === -1 ? -1 : bodyByteLength + script.length;
    const all = byteLength === -1 ? changed(fields) : changed(fields, byteLength);
    const body = this.next.beginBody({ status, fields: all }, byteLength, (byteCount) => {
      // The script is nobody's whom credit could be given back to.
      if (!isEnding) onTaken(byteCount);
    });
    if (body === null) return null;
    return {
      write: (bytes, start, end) => body.write(bytes, start, end),
      end(trailers) {
        isEnding = true;
        body.write(script, 0, script.length);
        body.end(trailers);
      },
      abort: () => body.abort(),
    };
  }

  override writeRefusal(status: number, options: RefusalOptions = {}): void {
    const page = this.#explain(status, options);
    if (page === null) this.next.writeRefusal(status, options);
    else this.next.writeResponse(page);
  }
}

/** HTML whose whole content is in the answer, and in no coding. */
function isPage(status: number, fields: FieldBlock): boolean {
  if (status < 200 || status === 204 || status === 206 || status === 304) return false;
  return fields.get("content-encoding") === null && /^text\/html\b/i.test(fields.get("content-type") ?? "");
}

function changed(fields: FieldBlock, byteLength: number | null = null): FieldBlock {
  const kept = fieldListOf(fields).filter(([name]) => !CONTENT_FIELDS.has(name.toLowerCase()));
  return fieldBlockOf(byteLength === null ? kept : [...kept, ["Content-Length", String(byteLength)]]);
}

/** With the page's own nonce, where its policy asks for one. */
function scriptFor(fields: FieldBlock): Buffer {
  const nonce = SCRIPT_NONCE.exec(fields.get("content-security-policy") ?? "")?.[1] ?? null;
  return Buffer.from(scriptElement(nonce));
}
