import type { Exchange } from "../../http/exchange.ts";
import { PassingWriter } from "../../http/passing-writer.ts";
import type {
  BodyWriter,
  OutgoingHead,
  OutgoingResponse,
  RefusalOptions,
  ResponseWriter,
} from "../../http/response-writer.ts";
import { editFields, type FieldEdits } from "./field-edits.ts";

/** Has the fields of an exchange's answer edited, whoever gives it. */
export function editAnswer(exchange: Exchange, edits: FieldEdits): void {
  exchange.intercept((next) => new EditingWriter(next, edits));
}

/** Edits the fields of final answers; interim ones and what ends HTTP on a stream pass as they are. */
class EditingWriter extends PassingWriter {
  readonly #edits: FieldEdits;

  constructor(next: ResponseWriter, edits: FieldEdits) {
    super(next);
    this.#edits = edits;
  }

  override writeResponse(response: OutgoingResponse): void {
    this.next.writeResponse({
      status: response.status,
      fields: editFields(response.fields, this.#edits),
      bodyBytes: response.bodyBytes,
      bodyStart: response.bodyStart,
      bodyEnd: response.bodyEnd,
    });
  }

  override writeRefusal(status: number, options: RefusalOptions = {}): void {
    const { removed, added, defaults } = this.#edits;
    // What earlier edits have put there is all that can be removed: the other fields say what the refusal is.
    const kept = (options.fields ?? []).filter(([name]) => !removed.has(name.toLowerCase()));
    const missing = defaults.filter(([name]) => !kept.some(([other]) => other.toLowerCase() === name.toLowerCase()));
    this.next.writeRefusal(status, { ...options, fields: [...kept, ...added, ...missing] });
  }

  override beginBody(
    head: OutgoingHead,
    bodyByteLength: number,
    onTaken: (byteCount: number) => void,
  ): BodyWriter | null {
    const fields = editFields(head.fields, this.#edits);
    return this.next.beginBody({ status: head.status, fields }, bodyByteLength, onTaken);
  }
}
