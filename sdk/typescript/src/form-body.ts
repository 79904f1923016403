import { createReadStream } from "node:fs";
import { asUtf8, textOf, type WireMap } from "./msgpack-reader.ts";
import type { RequestBody } from "./request-body.ts";

/** What the engine takes for a boundary, RFC 2046 §5.1.1. */
const BOUNDARY = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i;

/**
 * The body of a request whose form the engine has read, in the type that the client sent it in: for those who parse bodies themselves, or send
 * them on. Fields come first, then the files, which are read from the disk as somebody reads the body. It need not be as long as what the client sent.
 */
export function formBody(wire: WireMap, contentType: string): RequestBody {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  return boundary === undefined ? Buffer.from(urlEncoded(wire)) : streamOf(multipart(wire, boundary));
}

function urlEncoded(wire: WireMap): string {
  return fieldsOf(wire)
    .map((pair) => pair.map((text) => text.replace(/[^\w*.-]/g, escapeByte)).join("="))
    .join("&");
}

async function* multipart(wire: WireMap, boundary: string): AsyncGenerator<Uint8Array, void> {
  for (const [name, value] of fieldsOf(wire)) {
    yield latin1(`--${boundary}\r\nContent-Disposition: form-data; name="${quote(name)}"\r\n\r\n${value}\r\n`);
  }
  for (const file of (wire["files"] ?? []) as readonly WireMap[]) {
    const names = `name="${quote(textOf(file, "name"))}"; filename="${quote(textOf(file, "filename"))}"`;
    const type = textOf(file, "type") || "application/octet-stream";
    yield latin1(`--${boundary}\r\nContent-Disposition: form-data; ${names}\r\nContent-Type: ${type}\r\n\r\n`);
    yield* createReadStream(asUtf8(textOf(file, "path"))) as AsyncIterable<Uint8Array>;
    yield latin1("\r\n");
  }
  yield latin1(`--${boundary}--\r\n`);
}

/** Names and values, one character a byte. */
function fieldsOf(wire: WireMap): readonly (readonly [name: string, value: string])[] {
  const fields = wire["form"] as Readonly<Record<string, readonly string[]>>;
  return Object.entries(fields).flatMap(([name, values]) => values.map((value) => [name, value] as const));
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** As browsers write names. HTML standard §4.10.21.8. */
function quote(name: string): string {
  return name.replace(/["\r\n]/g, escapeByte);
}

function escapeByte(octet: string): string {
  if (octet === " ") return "+";
  return `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function streamOf(parts: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await parts.return()),
    },
    { highWaterMark: 0 },
  );
}
