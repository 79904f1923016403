import { parseByteRanges, type ByteRange } from "../../protocols/http/byte-ranges.ts";
import { fieldBlockOf, type OwnField } from "../../protocols/http/field-list.ts";
import { checkPreconditions, isRangeValid } from "../../protocols/http/preconditions.ts";
import { readConditions, type RequestConditions } from "../../protocols/http/request-conditions.ts";
import type { Exchange, ExchangeHandler } from "../exchange.ts";
import { contentRange, layOutRanges } from "./multipart-ranges.ts";
import type { OpenFile } from "./open-file.ts";
import { byteLengthOf, type Piece } from "./piece.ts";
import { PieceSender } from "./piece-sender.ts";
import type { Representation } from "./representation.ts";
import type { FileResource } from "./resource.ts";

const EMPTY = Buffer.alloc(0);

/** Content up to this goes to the connection as a whole; more goes in pieces, as the client takes them. */
const WHOLE_BYTES_MAX = 64 * 1024;

/** Where the bytes of what was found are. */
export interface FileSource {
  /** Opens a file, which may be in another state than it was found in; `null` when it is gone. */
  open(found: Representation, nowMs: number): OpenFile | null;
  /** Whether to read it into memory now. */
  isLoadable(found: Representation): boolean;
  /** Reads an open file into memory, and closes it; gives `null` when it has changed meanwhile. */
  load(file: OpenFile, onLoaded: (bytes: Buffer | null) => void): void;
}

/** Answers GET and HEAD with a file: conditions, ranges, content codings. RFC 9110 §13, §14, §15. */
export class FileAnswer implements ExchangeHandler {
  readonly #exchange: Exchange;
  readonly #source: FileSource;
  readonly #resource: FileResource;
  #sender: PieceSender | null = null;

  constructor(exchange: Exchange, source: FileSource, resource: FileResource) {
    this.#exchange = exchange;
    this.#source = source;
    this.#resource = resource;
  }

  onRequest(): void {
    const { head } = this.#exchange;
    this.answer(readConditions(head.fields), head.isMethod("HEAD"));
  }

  /** As `onRequest`, for a request whose head is gone meanwhile. */
  answer(conditions: RequestConditions, isHead: boolean): void {
    if (isHead) conditions.range = null; // RFC 9110 §14.2: only GET has ranges.
    this.#answer(conditions, this.#resource.select(conditions.acceptEncoding), null, isHead);
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    this.#sender?.cancel();
  }

  /** @param file open already, when the state that was found had passed. */
  #answer(conditions: RequestConditions, found: Representation, file: OpenFile | null, isHead: boolean): void {
    const nowMs = Date.now();
    const outcome = checkPreconditions(conditions, found, nowMs);
    if (outcome !== "met") {
      file?.[Symbol.dispose]();
      if (outcome === "failed") this.#exchange.refuse(412);
      else this.#respondWhole(304, found, EMPTY);
      return;
    }
    if (found.bytes !== null) {
      this.#send(conditions, found, null, nowMs);
      return;
    }
    if (isHead) {
      file?.[Symbol.dispose]();
      this.#exchange.begin({ status: 200, fields: found.wholeFields }, () => {});
      return;
    }
    const opened = file ?? this.#source.open(found, nowMs);
    if (opened === null) this.#exchange.refuse(404);
    else if (opened.representation !== found) this.#answer(conditions, opened.representation, opened, isHead);
    else if (this.#source.isLoadable(found)) this.#load(conditions, found, opened);
    else this.#send(conditions, found, opened, nowMs);
  }

  #load(conditions: RequestConditions, found: Representation, file: OpenFile): void {
    this.#source.load(file, (bytes) => {
      if (this.#exchange.isEnded) return;
      if (bytes !== null) {
        this.#send(conditions, found, null, Date.now());
        return;
      }
      const opened = this.#source.open(found, Date.now());
      if (opened === null) this.#exchange.refuse(404);
      else this.#send(conditions, opened.representation, opened, Date.now());
    });
  }

  #send(conditions: RequestConditions, found: Representation, file: OpenFile | null, nowMs: number): void {
    const ranges = this.#rangesOf(conditions, found, nowMs);
    if (ranges === "unsatisfiable") {
      file?.[Symbol.dispose]();
      this.#exchange.refuse(416, { fields: [["Content-Range", `bytes */${found.byteLength}`]] });
    } else if (ranges !== "ignored") {
      this.#sendRanges(ranges, found, file);
    } else if (found.bytes !== null && found.byteLength <= WHOLE_BYTES_MAX) {
      this.#respondWhole(200, found, found.bytes);
    } else {
      const pieces = [{ bytes: found.bytes, start: 0, end: found.byteLength }];
      this.#sender = new PieceSender({
        exchange: this.#exchange,
        head: { status: 200, fields: found.wholeFields },
        pieces,
        file,
      });
    }
  }

  #rangesOf(
    { range, ifRange }: RequestConditions,
    found: Representation,
    nowMs: number,
  ): readonly ByteRange[] | "ignored" | "unsatisfiable" {
    if (range === null || !isRangeValid(ifRange, found, nowMs)) return "ignored";
    return parseByteRanges(range, found.byteLength);
  }

  #sendRanges(ranges: readonly ByteRange[], found: Representation, file: OpenFile | null): void {
    const { bytes, byteLength } = found;
    const fields = found.contentFields();
    let pieces: readonly Piece[];
    if (ranges.length === 1) {
      const [range] = ranges;
      pieces = [{ bytes, ...range! }];
      fields.push(["Content-Range", contentRange(range!, byteLength)]);
    } else {
      const type = fields.findIndex(([name]) => name.toLowerCase() === "content-type");
      const contentType = fields[type]?.[1] ?? null;
      const boundary = crypto.randomUUID().replaceAll("-", "");
      const multipart = layOutRanges(ranges, { contentType, byteLength, bytes }, boundary);
      const field: OwnField = ["Content-Type", multipart.contentType];
      if (type === -1) fields.push(field);
      else fields[type] = field;
      pieces = multipart.pieces;
    }
    fields.push(["Content-Length", String(byteLengthOf(pieces))]);
    const head = { status: 206, fields: fieldBlockOf(fields) };
    this.#sender = new PieceSender({ exchange: this.#exchange, head, pieces, file });
  }

  #respondWhole(status: 200 | 304, found: Representation, bodyBytes: Buffer): void {
    const fields = status === 200 ? found.wholeFields : found.notModifiedFields;
    this.#exchange.respond({ status, fields, bodyBytes, bodyStart: 0, bodyEnd: bodyBytes.length });
  }
}
