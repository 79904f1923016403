import type { FieldBlock } from "../../src/protocols/http/field-block.ts";
import { fieldListOf } from "../../src/protocols/http/field-list.ts";
import type { BodyWriter, OutgoingHead, OutgoingResponse, ResponseWriter } from "../../src/http/response-writer.ts";

/** A response writer that keeps in words what it is told. */
export class RecordingWriter implements ResponseWriter, BodyWriter {
  readonly httpMajor = 1;
  readonly said: string[] = [];
  /** False for a request whose answer has no content, such as HEAD. */
  hasContent = true;
  /** Tells the source that so many bytes have been taken. */
  onTaken: (byteCount: number) => void = () => {};

  writeResponse({ status, bodyBytes, bodyStart, bodyEnd }: OutgoingResponse): void {
    this.said.push(`response ${status} ${bodyBytes.toString("latin1", bodyStart, bodyEnd)}`);
  }

  writeRefusal(status: number): void {
    this.said.push(`refusal ${status}`);
  }

  writeInterim({ status, fields }: OutgoingHead): void {
    this.said.push(`interim ${status} of ${fields.count} fields`);
  }

  beginBody({ status }: OutgoingHead, bodyByteLength: number, onTaken: (byteCount: number) => void): BodyWriter | null {
    this.said.push(`head ${status}, length ${bodyByteLength}`);
    this.onTaken = onTaken;
    return this.hasContent ? this : null;
  }

  writeUpgrade(): void {
    this.said.push("upgrade");
  }

  write(bytes: Buffer, start: number, end: number): void {
    this.said.push(`chunk ${bytes.toString("latin1", start, end)}`);
  }

  end(trailers: FieldBlock | null): void {
    const fields = trailers === null ? [] : fieldListOf(trailers).map(([name, value]) => ` ${name}: ${value}`);
    this.said.push(`end${fields.join()}`);
  }

  abort(): void {
    this.said.push("abort");
  }
}
