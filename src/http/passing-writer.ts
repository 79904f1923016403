import type {
  BodyWriter,
  OutgoingHead,
  OutgoingResponse,
  RefusalOptions,
  ResponseWriter,
  Upgrade,
} from "./response-writer.ts";

/** Stands between an exchange and the writer behind it, and passes everything on as it is: who changes an answer overrides what it changes. */
export class PassingWriter implements ResponseWriter {
  protected readonly next: ResponseWriter;

  constructor(next: ResponseWriter) {
    this.next = next;
  }

  get httpMajor(): ResponseWriter["httpMajor"] {
    return this.next.httpMajor;
  }

  writeResponse(response: OutgoingResponse): void {
    this.next.writeResponse(response);
  }

  writeRefusal(status: number, options: RefusalOptions | undefined): void {
    this.next.writeRefusal(status, options);
  }

  writeUpgrade(upgrade: Upgrade): void {
    this.next.writeUpgrade(upgrade);
  }

  writeInterim(head: OutgoingHead): void {
    this.next.writeInterim(head);
  }

  beginBody(head: OutgoingHead, bodyByteLength: number, onTaken: (byteCount: number) => void): BodyWriter | null {
    return this.next.beginBody(head, bodyByteLength, onTaken);
  }

  onAbandoned(): void {
    this.next.onAbandoned?.();
  }
}
